import json
from datetime import datetime, timedelta, timezone

from support import BIN, Case, main
from test_screens import on_terminal


class Times(Case):
    """An event an hour, so that what a time means can be counted."""

    def setUp(self):
        super().setUp()
        self.create("s")

    def hourly(self, start, hours):
        start = datetime.fromisoformat(start)
        self.append("s", *({"type": "t", "timestamp": (start + timedelta(hours=n)).isoformat()}
                           for n in range(hours)))

    def count(self, *words):
        return len(self.events("s", *words))

    def first(self, *words):
        return self.events("s", *words)[0]["timestamp"][:19]

    def test_forms(self):
        self.hourly("2026-03-01T00:00:00+00:00", 72)
        for expected, text in {
            48: "2026-03-02", 47: "2026-03-02T01:00:00Z", 46: "2026-03-02T02:00", 45: "2026-03-02 03:00:00",
            44: "2026-03-02T05:00:00+01:00", 43: "2026-03-02 05:00Z", 42: "@1772431200",
            41: "2026-03-02T06:00:00.000000001Z", 72: "@0", 0: "now", 40: "2026-03-02t08:00:00z",
        }.items():
            with self.subTest(text=text):
                self.assertEqual(expected, self.count("--since", text))

    def test_a_date_alone(self):
        self.hourly("2026-03-01T00:00:00+00:00", 72)
        self.assertEqual(24, self.count("-S", "2026-03-02", "-U", "2026-03-02"))
        self.assertEqual(24, self.count("--before", "2026-03-02"))
        self.assertEqual(24, self.count("-S", "2026-03-02", "-U", "2026-03-02", "--tz", "Asia/Tokyo"))
        self.assertEqual("2026-03-01T15:00:00",
                         self.first("-S", "2026-03-02", "--tz", "Asia/Tokyo"))

    def test_relative_to_now(self):
        now = datetime.now(timezone.utc)
        for hours in (1, 5, 30, 24 * 8):
            self.append("s", {"type": "t", "timestamp": (now - timedelta(hours=hours)).isoformat()})
        for expected, text in {1: "-3h", 2: "6h ago", 3: "7d", 4: "9 days ago", 0: "30 min ago"}.items():
            with self.subTest(text=text):
                self.assertEqual(expected, self.count("--since", text))
        midnight = now.replace(hour=0, minute=0, second=0)
        self.append("s", {"type": "mark", "timestamp": (midnight + timedelta(seconds=1)).isoformat()},
                    {"type": "mark", "timestamp": (midnight - timedelta(seconds=1)).isoformat()})
        marks = ["-t", "mark"]
        self.assertEqual(1, self.count(*marks, "--since", "today"))
        self.assertEqual(2, self.count(*marks, "--since", "yesterday"))
        self.assertEqual(1, self.count(*marks, "--until", "yesterday"))

    def test_a_day_has_as_many_hours_as_its_clocks_say(self):
        self.hourly("2026-03-27T00:00:00+00:00", 96)
        day = ["-S", "2026-03-29", "-U", "2026-03-29", "--tz", "Europe/Berlin"]
        self.assertEqual(23, self.count(*day))
        self.assertEqual("2026-03-28T23:00:00", self.first(*day))

    def test_a_time_that_the_zone_skips_is_rejected(self):
        self.append("s", "t")
        zone = ["--tz", "Europe/Berlin"]
        self.refused(2, "replay", "s", "-S", "2026-03-29T02:30:00", *zone, saying="skip")
        self.refused(2, "replay", "s", "-S", "2011-12-30", "--tz", "Pacific/Apia", saying="skip")
        self.count("-S", "2026-03-29T03:00:00", *zone)
        self.count("-S", "2026-03-29T02:30:00Z", *zone)

    def test_of_a_time_that_comes_twice_the_first_is_meant(self):
        self.hourly("2026-10-24T22:00:00+00:00", 8)
        zone = ["--tz", "Europe/Berlin"]
        self.assertEqual("2026-10-25T00:00:00", self.first("-S", "2026-10-25T02:00:00", *zone))

    def test_what_is_no_time(self):
        for text in ("", "fortnight", "2026-13-01", "2026-02-30", "2026-03-01T25:00", "3 parsecs ago",
                     "@", "@x", "--", "2026-03-01T12", "99999999999999999999d", "2026-03-01T12:00:00+25:00"):
            with self.subTest(text=text):
                self.refused(2, "replay", "s", "--since=" + text, saying="--since")
        for zone in ("Mars/Olympus", "../../etc/passwd", "/etc/localtime", ""):
            with self.subTest(zone=zone):
                self.refused(2, "replay", "s", "--tz=" + zone, saying="time zone")

    def test_a_machine_without_zone_files_says_utc(self):
        empty = self.folder / "zones"
        self.refused(2, "replay", "s", "--tz", "Europe/Berlin", env={"TZDIR": str(empty)},
                     saying=("unknown time zone", "install tzdata"))
        self.append("s", {"type": "t", "timestamp": "2026-07-01T12:00:00Z"})
        for zone, shown in (("Europe/Berlin", "12:00:00 UTC"), ("Nonsense", "12:00:00 UTC"),
                            ("CET-1CEST", "14:00:00 CET-1CEST")):
            with self.subTest(zone=zone):
                env = self.environment({"TZDIR": str(empty), "TZ": zone, "PAGER": "cat"})
                self.assertIn(shown, on_terminal(f"{BIN} bisect s event_count=1", env, self.folder))


if __name__ == "__main__":
    main()
