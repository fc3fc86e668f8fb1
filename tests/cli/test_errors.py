"""What is said of what people type by mistake: each a line of tests/golden/errors.txt.

AGENTSTORE_UPDATE_GOLDEN=1 writes that file anew."""

import os
import re
import shlex
from pathlib import Path

from support import Case, main

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/errors.txt"
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")
TRANSCRIPT = ROOT / "sample-data/transcripts/claude"

TYPED = r"""
replay S --type eror
replay S --type tool_calls
replay S --type bogus
replay S -T eror
replay S --seq 100
replay S --seq 17..
replay S@17
state S --seq 100
balance S --seq 100
stats S --type eror
replay S -w 'type = "error"'
replay S -w 'cost > 0.1'
replay S -w 'tokens > 5'
replay S -w 'tool = 1'
replay S -w 'duration > 5'
replay S -w 'typ = 1'
replay S --assert 'cost < 1'
stats S --assert 'cost < 1'
stats S --fail-on 'cost > 1'
stats S --fail-on 'events > 0'
stats S --fail-on 'tokens_reasoning > 1'
replay S --fail-on 'seq > 0'
whatif S --without 1 --assert 'events > 100'
whatif S --without 1 --fail-on 'evnts > 1'
bisect S 'cost > 1'
replay S --sto x
sessions --sto x
replay S --sort x
replay S --proj x
replay S --limit 3
stats S --limit 3
verify --limit 3
replay S --last 3
replay S --from monday
replay S --since smonday
replay S --formt json
sessions --store HOME/.claude/projects
sessions --store HOME/nothing
sessions --store HOME
sessions --store sqlite:x
append @ --type note
append S@3 --type note
append ag --type note
append nobody --type note
redact ag 1 --reason x
label @ a=b
diff
diff S
export
replay
state
stats nobody
balance
blame
bisect
bisect S
whatif
whatif S
verify nobody
import
repair
redact
redact S 99 --reason x
redact S 1..3
redact S id:none --reason x
checkpoint --key k --name n
label
append
append S
submit
submit S
append S --type note --payload hi
append S --type note --payload 'hi there'
append S --type note --payload '{"a":}'
append S --type note --payload @missing.json
append S --type note --text hi --payload 1
append S note
create S
replay S --format xml
state S --projection x
balance S --each week
stats --by modle
replay S --on-corrupt x
replay S --json --fields a, b
stats S --all
replay S --all
verify S --all
audit nobody
audit S --all
audit --rule loosp
audit --rule forbidden-tools
audit --no-rule integrity
audit --max-cost cheap
audit --max-csot 1
audit --severity fatal
audit --format pdf
audit --param limit=1
audit --rules nowhere
rules
stats S --label a=b
stats --label nokey=x
stats --project shpo
append S --type note --store a --store b
sessions --store all
state @~9
replay ''
-x
--jsn sessions
--store
replay --store
log
ls
tail
head
grep x
search x
rm S
rename S x
mv S x
cat S
list
history
cost
usage
fork S
checkout S
undo
fsck
why
when
new
save
reply S
sesions
sess
re
verson
frobnicate
help verson
frobnicate
help log
"""


class Errors(Case):
    def setUp(self):
        super().setUp()
        self.create("agent-007", "--name", "S")
        self.append("agent-007", *({"type": "note", "timestamp": f"2026-03-07T12:00:{n:02}Z"}
                                   for n in range(16)))
        (self.home / ".claude").mkdir()
        projects = self.home / ".claude/projects"
        projects.mkdir()
        for file in TRANSCRIPT.rglob("*.jsonl"):
            (projects / file.name).write_bytes(file.read_bytes())
        (self.home / "x.txt").write_text("something else")

    def answer_to(self, line, **more):
        words = [word.replace("HOME", str(self.home)) for word in shlex.split(line)]
        outcome = self.run_it(*words, **more)
        text = outcome.err.replace(str(self.home), "HOME").replace(str(self.folder), "FOLDER")
        text = re.sub(r"and \d+ more", "and N more", text)
        return f"$ agentstore {line}\nexit {outcome.status}\n{text}"

    def test_each_is_answered_as_it_was(self):
        text = "\n".join(self.answer_to(line) for line in TYPED.strip().splitlines())
        text += "\n" + self.answer_to("sessions", env={"AGENTSTORE_STORE": ""})
        if UPDATE:
            GOLDEN.write_text(text)
        self.assertEqual(GOLDEN.read_text(), text)

    def test_other_words_for_the_version(self):
        for words in (["-V"], ["version"], ["--version"]):
            self.assertRegex(self.ok(*words).out, r"^agentstore \d+\.\d+\.\d+\n$")

    def test_what_was_meant_can_be_done(self):
        self.ok("append", "S", "--type", "user_message", "--text", 'say "hi"\n')
        self.assertEqual({"content": 'say "hi"\n'}, self.events("S")[-1]["payload"])
        self.ok("append", "S", "--type", "note", "--payload", '"hi"')
        self.assertEqual("hi", self.events("S")[-1]["payload"])
        self.ok("sessions", "--store", f"claude:{self.home}/.claude/projects")


if __name__ == "__main__":
    main()
