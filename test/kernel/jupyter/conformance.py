# Jupyter's own conformance suite (jupyter_kernel_test), told what TypeScript looks like.
import unittest

import jupyter_kernel_test

show = 'const host = (globalThis as any)[Symbol.for("Jupyter.host")];'


class TypeScriptKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "bestrq"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "[].flatM", "matches": {"flatMap"}},
        {"text": "Math.hypo", "matches": {"hypot"}},
    ]
    complete_code_samples = ["1", "console.log('hello')", "function f(x) {\n  return x\n}\n\n", "await x"]
    incomplete_code_samples = ["function f(x) {", "f(1,", "`a", "if (x) {\n  y()"]
    invalid_code_samples = ["const = 3", "}}", "1 2 3"]
    code_generate_error = "throw new Error('on purpose')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "[2, 3, 5]", "result": "[ 2, 3, 5 ]"},
        {"code": "'ü' + 1", "result": "'ü1'"},
        {"code": "6 * 7", "result": "42"},
        {"code": "6 * 7 + 1", "result": "43"},
    ]
    code_display_data = [
        {"code": show + "host.display({'image/svg+xml': '<svg/>', 'text/plain': 'picture'})", "mime": "image/svg+xml"},
    ]
    code_clear_output = show + "host.clearOutput()"
    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.hypot"
    test_pager = None  # there is none


class TypeScriptKernelWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "bestrq"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
