// Formulas as JSON on standard input, [{"tex": "...", "display": true}]; what KaTeX and MathJax object to on standard output.
import { readFileSync } from "node:fs";
import katex from "katex";
import MathJax from "mathjax";

const formulas = JSON.parse(readFileSync(0, "utf8"));
const errors = [];

for (const { tex, display } of formulas) {
  try {
    katex.renderToString(tex, { displayMode: display, throwOnError: true, strict: "error", trust: false });
  } catch (error) {
    errors.push({ renderer: "KaTeX", tex, error: error.message });
  }
}

const mathjax = await MathJax.init({
  loader: { load: ["input/tex", "adaptors/liteDOM"] },
  tex: { packages: { "[-]": ["noundefined"] } },
});
for (const { tex, display } of formulas) {
  const mathml = await mathjax.tex2mmlPromise(tex, { display });
  const merror = mathml.match(/<merror[^>]*data-mjx-error="([^"]*)"/) ?? mathml.match(/<merror(.*)/s);
  if (merror) errors.push({ renderer: "MathJax", tex, error: merror[1] });
}

process.stdout.write(JSON.stringify({ errors, count: formulas.length }));
