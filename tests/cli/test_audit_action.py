"""The action of sample-data/ci: its shell steps, run as a runner runs them."""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from support import BIN, Case, main

CI = Path(__file__).resolve().parents[2] / "sample-data/ci"
SAMPLE = CI.parent


def steps():
    """The steps with a script: name, environment, script. As much of YAML as the file uses."""
    found = []
    for text in re.split(r"^    - name: ", (CI / "action.yml").read_text(), flags=re.M)[1:]:
        script = re.search(r"^      run: \|\n((?:        .*\n|\n)+)", text, re.M)
        if not script: continue
        variables = re.search(r"^      env:\n((?:        \w+: .*\n)+)", text, re.M)
        found.append((text.splitlines()[0],
                      dict(re.findall(r"(\w+): (.*)", variables[1])) if variables else {},
                      re.sub(r"^        ", "", script[1], flags=re.M)))
    return found


class Action(Case):
    def setUp(self):
        super().setUp()
        self.sound = False
        for name in ("output", "path", "summary"): (self.folder / name).touch()
        (self.folder / "temp").mkdir()
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "agentstore").symlink_to(Path(BIN).resolve())
        self.path = f"{programs}:{os.environ['PATH']}"
        shutil.copytree(SAMPLE / "sessions", self.store / "sessions")
        shutil.copytree(SAMPLE / "events", self.store / "events")
        shutil.copy(SAMPLE / "agentstore.json", self.store)

    def value_of(self, expression, inputs):
        name = re.fullmatch(r"\$\{\{ (?:inputs\.([\w-]+)|steps\.audit\.outputs\.(\w+)) \}\}", expression)
        self.assertIsNotNone(name, expression)
        if name[1]: return inputs.get(name[1], "")
        return dict(line.split("=", 1) for line in (self.folder / "output").read_text().splitlines()).get(name[2], "")

    def run_step(self, name, **inputs):
        _, variables, script = next(step for step in steps() if step[0] == name)
        inputs = {key.replace("_", "-"): value for key, value in inputs.items()}
        env = {"PATH": self.path, "HOME": str(self.home), "RUNNER_TEMP": str(self.folder / "temp"),
               "GITHUB_OUTPUT": str(self.folder / "output"), "GITHUB_PATH": str(self.folder / "path"),
               "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
               **{key: self.value_of(value, inputs) for key, value in variables.items()}}
        # As `shell: bash` runs it.
        return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                              env=env, cwd=self.folder, capture_output=True, text=True, timeout=60)

    def test_no_input_is_text_of_a_script(self):
        self.assertEqual(["Install", "Audit", "Summary", "Verdict"], [name for name, _, _ in steps()])
        for name, _, script in steps():
            self.assertNotIn("${{", script, name)

    def test_it_installs_what_the_sum_says_and_nothing_else(self):
        folder = self.folder / "agentstore-0/bin"
        folder.mkdir(parents=True)
        (folder / "agentstore").write_text("#!/bin/sh\necho installed\n")
        (folder / "agentstore").chmod(0o755)
        archive = self.folder / "a b.tar.gz"
        with tarfile.open(archive, "w:gz") as tar: tar.add(folder.parent, "agentstore-0")
        done = self.run_step("Install", archive=str(archive), sha256=hashlib.sha256(archive.read_bytes()).hexdigest())
        self.assertEqual(0, done.returncode, done.stderr)
        added = (self.folder / "path").read_text().strip()
        self.assertEqual("installed\n", subprocess.run([f"{added}/agentstore"], capture_output=True, text=True).stdout)
        for wrong in ("0" * 64, ""):
            self.assertNotEqual(0, self.run_step("Install", archive=str(archive), sha256=wrong).returncode)
        self.assertEqual(0, self.run_step("Install").returncode)
        self.path = "/usr/bin:/bin"
        self.assertEqual(2, self.run_step("Install").returncode)

    def audit(self, **inputs):
        done = self.run_step("Audit", **{"store": "data", **inputs})
        self.assertEqual(0, done.returncode, done.stderr)
        summary = self.run_step("Summary")
        self.assertEqual(0, summary.returncode, summary.stderr)
        return done, self.run_step("Verdict").returncode

    def test_what_is_found_fails_the_job_after_it_was_told(self):
        done, verdict = self.audit(flags="--max-events 10\n--forbid-tool web_* ")
        self.assertEqual(1, verdict, done.stderr)
        self.assertIn("::error title=agentstore event-budget,file=data/events/", done.stdout)
        self.assertRegex((self.folder / "output").read_text(), r"status=1\nfindings=[1-9]\d*\n")
        self.assertIn("### agentstore audit", (self.folder / "summary").read_text())
        self.assertEqual({"audit.json", "audit.sarif", "audit.xml", "summary.md"},
                         {file.name for file in (self.folder / "temp/audit").iterdir()})
        base = self.folder / "base.json"
        shutil.copy(self.folder / "temp/audit/audit.json", base)
        (self.folder / "output").write_text("")
        _, verdict = self.audit(flags="--max-events 10", baseline="base.json")
        self.assertEqual(0, verdict)

    def test_alerts_are_sent_where_there_are_any(self):
        action = (CI / "action.yml").read_text()
        self.assertIn("steps.audit.outputs.sarif == 'yes'", action)
        self.assertNotIn("hashFiles", action)  # It finds nothing outside of the workspace.
        self.audit()
        self.assertIn("sarif=yes\n", (self.folder / "output").read_text())
        # A second one in the same job gives no answer: that of the first is none of its own.
        for name in ("output", "summary"): (self.folder / name).write_text("")
        self.audit(store="nowhere")
        self.assertNotIn("sarif", (self.folder / "output").read_text())
        self.assertIn("gave no answer", (self.folder / "summary").read_text())

    def test_words_of_inputs_are_words_and_no_commands(self):
        _, verdict = self.audit(store="data\n$(touch pwned)", flags="--label a=`touch pwned`;touch pwned")
        self.assertNotEqual(0, verdict)
        self.assertFalse((self.folder / "pwned").exists())

    def test_no_answer_is_no_pass(self):
        _, verdict = self.audit(store="nowhere")
        self.assertEqual(3, verdict)
        self.assertIn("gave no answer", (self.folder / "summary").read_text())
        (self.folder / "output").write_text("")
        self.assertEqual(5, self.run_step("Verdict").returncode)

    def test_the_workflow_uses_the_inputs_that_there_are(self):
        action = (CI / "action.yml").read_text()
        inputs = set(re.findall(r"^  ([\w-]+):$", action.split("inputs:\n")[1].split("outputs:\n")[0], re.M))
        workflow = (CI / "workflow.yml").read_text()
        given = set(re.findall(r"^          ([\w-]+):", workflow.split("with:\n")[-1], re.M))
        self.assertEqual(set(), given - inputs)
        flags = re.findall(r"--[a-z-]+", workflow.split("flags: >-")[1])
        known = self.ok("audit", "--help").out
        for flag in flags: self.assertIn(flag, known)


if __name__ == "__main__":
    main()
