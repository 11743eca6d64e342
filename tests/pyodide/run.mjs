// Started by `python -m tests.pyodide`, as
//
//     node run.mjs '{"pyodide": FILE, "mounts": {PLACE: FOLDER}, "environment": {},
//                    "path": [PLACE], "arguments": [], "whole": true, "program": null}'
//
// It mounts folders of this machine, runs pytest within Pyodide, and ends with pytest's status; or it
// runs a program of Python, which may await.

import process from "node:process";
import { pathToFileURL } from "node:url";

const asked = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(pathToFileURL(asked.pyodide).href);
const pyodide = await loadPyodide({ env: asked.environment });

for (const [place, root] of Object.entries(asked.mounts)) {
  pyodide.FS.mkdirTree(place);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, place);
}
pyodide.globals.set("asked", pyodide.toPy(asked));
pyodide.runPython(`
import os
import sys

print(sys.version)
sys.path[:0] = asked["path"]  # Not PYTHONPATH: Python looked there before anything was mounted.
os.chdir(asked["path"][0])
`);
if (asked.program) {
  await pyodide.runPythonAsync(asked.program);
} else {
  process.exitCode = pyodide.runPython(`
from tests.pyodide.inside import main

main(asked["arguments"], whole=asked["whole"])
`);
}
