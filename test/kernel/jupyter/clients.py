# What people drive kernels with: jupyter_client, nbclient and jupyter console. The kernelspec is installed already.
import os
import sys
import tempfile
import unittest

import nbformat
import pexpect
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

kernel = "bestrq"


class JupyterClientTests(unittest.TestCase):
    """From another folder, with a space in its name, and no more environment than an editor gives."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="bestrq another folder ")
        bare = {name: os.environ[name] for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "BESTRQ_HISTORY", "HOME") if name in os.environ}
        cls.manager, cls.client = start_new_kernel(kernel_name=kernel, cwd=cls.folder.name, env=bare)

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()
        cls.folder.cleanup()

    def run_cell(self, code):
        outputs = []
        reply = self.client.execute_interactive(code, timeout=30, output_hook=outputs.append)
        return reply["content"], [(output["msg_type"], output["content"]) for output in outputs]

    def text(self, code):
        return next(content["data"]["text/plain"] for kind, content in self.run_cell(code)[1] if kind == "execute_result")

    def test_runs_in_the_folder(self):
        self.assertEqual(self.text("process.cwd()"), f"'{os.path.realpath(self.folder.name)}'")

    def test_outputs(self):
        reply, outputs = self.run_cell("console.log('one'); console.error('two'); [3]")
        self.assertEqual(reply["status"], "ok")
        streams = [(content["name"], content["text"]) for kind, content in outputs if kind == "stream"]
        self.assertEqual(streams, [("stdout", "one\n"), ("stderr", "two\n")])

    def test_error(self):
        reply, outputs = self.run_cell("throw new RangeError('on purpose')")
        self.assertEqual((reply["status"], reply["ename"], reply["evalue"]), ("error", "RangeError", "on purpose"))
        self.assertIn("error", [kind for kind, _ in outputs])

    def test_interrupt_keeps_variables(self):
        self.run_cell("const kept = 41")
        message = self.client.execute("console.log('begun'); while (true) {}")
        while self.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        self.manager.interrupt_kernel()
        reply = self.client._recv_reply(message, timeout=30)
        self.assertEqual(reply["content"]["ename"], "KeyboardInterrupt")
        self.assertEqual(self.text("kept + 1"), "42")

    def test_restart_forgets(self):
        self.run_cell("const forgotten = 1")
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=30)
        reply, _ = self.run_cell("forgotten")
        self.assertEqual(reply["status"], "error")
        self.assertEqual(self.text("6 * 7"), "42")

    def test_input(self):
        message = self.client.execute("prompt('name? ')", allow_stdin=True)
        request = self.client.get_stdin_msg(timeout=30)
        self.assertEqual(request["content"]["prompt"], "name? ")
        self.client.input("Ada")
        self.assertEqual(self.client._recv_reply(message, timeout=30)["content"]["status"], "ok")


    def test_input_of_a_loop(self):
        answers = iter(["3", "5", ""])
        def answer(request):
            self.assertEqual(request["content"], {"prompt": "next? ", "password": True})
            self.client.input(next(answers))
        code = "let sum = 0; for (let n = ''; (n = password('next? ')) !== ''; ) sum += Number(n); console.log(sum)"
        shown = []
        self.client.execute_interactive(code, allow_stdin=True, stdin_hook=answer, output_hook=shown.append, timeout=30)
        self.assertIn("8\n", [output["content"].get("text") for output in shown])

    def test_history(self):
        self.run_cell("const remembered = 'in the history'")
        message = self.client.history(hist_access_type="search", pattern="*remembered = *", n=1)
        [(_, _, code)] = self.client._recv_reply(message, timeout=30)["content"]["history"]
        self.assertEqual(code, "const remembered = 'in the history'")


class NbclientTests(unittest.TestCase):
    def execute(self, *cells, **options):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
        NotebookClient(notebook, kernel_name=kernel, **{"timeout": 60, **options}).execute()
        return [cell.outputs for cell in notebook.cells]

    def test_outputs(self):
        printed, shown = self.execute("console.log('hello'); const x = 6", "x * 7")
        self.assertEqual(printed[0].text, "hello\n")
        self.assertEqual(shown[0].data["text/plain"], "42")

    def test_error_stops(self):
        with self.assertRaisesRegex(CellExecutionError, "on purpose"):
            self.execute("throw new Error('on purpose')", "console.log('not reached')")

    def test_nobody_to_ask(self):
        with self.assertRaisesRegex(CellExecutionError, "Cannot ask for input"):
            self.execute("prompt('?')")

    def test_late_error_is_shown_and_stops_nothing(self):
        late, after = self.execute(
            "setTimeout(() => { throw new Error('late') }, 50); await new Promise((go) => setTimeout(go, 300))", "'after'"
        )
        self.assertEqual([late[0].output_type, late[0].evalue], ["error", "late"])
        self.assertEqual(after[0].data["text/plain"], "'after'")

    def test_interrupt_after_timeout(self):
        outputs = self.execute("while (true) {}", "'after'", interrupt_on_timeout=True, allow_errors=True, timeout=2)
        self.assertEqual(outputs[0][0].ename, "KeyboardInterrupt")
        self.assertEqual(outputs[1][0].data["text/plain"], "'after'")


class ConsoleTests(unittest.TestCase):
    def setUp(self):
        command = ["-m", "jupyter_console", "--simple-prompt", "--kernel", kernel]
        self.console = pexpect.spawn(sys.executable, command, env={**os.environ, "TERM": "dumb"}, timeout=30, encoding="utf-8")
        self.console.expect(r"In \[1\]")

    def tearDown(self):
        self.console.sendeof()
        self.console.expect("exit")
        self.console.sendline("y")
        self.console.expect(pexpect.EOF)
        self.console.close()

    def test_outputs_errors_and_interrupt(self):
        self.console.sendline("6 * 7")
        self.console.expect(r"Out\[1\]: 42")
        self.console.expect(r"In \[2\]")
        self.console.sendline("throw new Error('on purpose')")
        self.console.expect("on purpose")
        self.console.expect(r"In \[3\]")
        self.console.sendline("console.log('begun'); while (true) {}")
        self.console.expect("begun\r\n")
        self.console.sendintr()
        self.console.expect("KeyboardInterrupt")
        self.console.expect(r"In \[4\]")
        self.console.sendline("'still ' + 'here'")
        self.console.expect("'still here'")
        self.console.expect(r"In \[5\]")

    def test_input(self):
        self.console.sendline("const name = prompt('Your name? ')")
        self.console.expect(r"Your name\? ")
        self.console.sendline("Ada")
        self.console.expect(r"In \[2\]")
        self.console.sendline("name + '!'")
        self.console.expect("'Ada!'")
        self.console.expect(r"In \[3\]")


if __name__ == "__main__":
    unittest.main()
