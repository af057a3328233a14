// Bundles the page into built/: one script, one style sheet, and the licences of what is in them. With --check it only tells whether
// built/ is what it would write.
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const { outputFiles, metafile } = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["page.js"],
  outdir: "built",
  bundle: true,
  minify: true,
  metafile: true,
  write: false,
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"' },
  loader: { ".woff2": "dataurl", ".ttf": "dataurl" },
});
const files = Object.fromEntries(outputFiles.map(({ path, text }) => [path.split("/").at(-1), text]));
files["LICENSES.txt"] = await licences(Object.keys(metafile.inputs));

for (const [name, text] of Object.entries(files)) {
  const path = `${import.meta.dirname}/built/${name}`;
  if (!process.argv.includes("--check")) {
    await mkdir(`${import.meta.dirname}/built`, { recursive: true });
    await writeFile(path, text);
  } else if (!existsSync(path) || (await readFile(path, "utf8")) !== text) {
    process.stderr.write(`graphiql/built/${name} is not that of its sources: run npm run build --prefix graphiql\n`);
    process.exitCode = 1;
  }
}

/** Of each package that has a file in the bundle. */
async function licences(inputs) {
  const folders = inputs.map((input) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input)?.[0]).filter(Boolean);
  const texts = [...new Set(folders)].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(
      await readFile(`${import.meta.dirname}/${folder}/package.json`, "utf8"),
    );
    const file = (await readdir(`${import.meta.dirname}/${folder}`)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(`${import.meta.dirname}/${folder}/${file}`, "utf8") : "";
    return `${name} ${version}, ${license}\n\n${text.trim()}`;
  });
  return `${(await Promise.all(texts)).join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
