/** The front end's build: esbuild, a list of what was made for the pages to name, and compressed copies for browsers. */

import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const OUT = "static/dist";
const ENTRIES = ["board.ts", "wall.ts", "layers.ts", "sessions.ts", "recording.ts", "guest.ts", "join.ts", "style.css", "favicon.svg"];
const SMALLEST_BYTES = 512; // below this the headers outweigh what is saved

const KEPT_MS = 7 * 24 * 60 * 60 * 1000; // pages that are open, and a server that runs, name the last build's files

mkdirSync(OUT, { recursive: true });
for (const path of readdirSync(OUT).map((name) => join(OUT, name))) {
  if (statSync(path).mtimeMs < Date.now() - KEPT_MS) rmSync(path, { recursive: true });
}
const { metafile } = await build({
  entryPoints: ENTRIES.map((entry) => `static/src/${entry}`),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  metafile: true,
  legalComments: "linked",
  loader: { ".svg": "copy" },
  entryNames: "[name]-[hash]", // named by their content: a browser may keep them for ever
  chunkNames: "[name]-[hash]",
  outdir: OUT,
  logLevel: "warning",
});

/** The file, and all that it imports before it can run. */
function needed(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const each of metafile.outputs[path].imports) if (each.kind === "import-statement") needed(each.path, found);
  return found;
}

const manifest = {};
for (const [path, output] of Object.entries(metafile.outputs)) {
  const source = output.entryPoint ?? (path.endsWith(".svg") ? Object.keys(output.inputs)[0] : undefined);
  const entry = ENTRIES.find((each) => source === `static/src/${each}`);
  if (entry) manifest[entry.replace(/\.ts$/, ".js")] = [...needed(path)].map((each) => basename(each));
  const content = readFileSync(path);
  if (content.length < SMALLEST_BYTES || path.endsWith(".txt")) continue;
  writeFileSync(`${path}.gz`, gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }));
}
writeFileSync(`${OUT}/manifest.json`, JSON.stringify(manifest, null, 1));
