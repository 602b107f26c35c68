// Pages as JSON on standard input, {"browser": "/path", "pages": ["/a.html"]}; what happens in each on standard output.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const { browser: executablePath, pages } = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });

// Every question to a page is a message to another process: one for all that is asked at a time.
const state = (page) =>
  page.evaluate(() => {
    const keys = (name) =>
      [...new Set([...document.querySelectorAll(`.${name}`)].map((element) => element.dataset.symbol))].sort();
    const tip = document.querySelector("#tip");
    return { tip: tip.hidden ? null : tip.innerText, here: keys("is-here"), source: keys("is-source"), use: keys("is-use") };
  });

async function visit(path) {
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
  const errors = [];
  const requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  page.on("dialog", (dialog) => errors.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  await page.goto(pathToFileURL(path).href);
  const result = { errors, title: await page.title() };
  result.formulas = await page.$$eval("math", (elements) => elements.map((element) => element.getBoundingClientRect().width > 0));
  result.broken = await page.$$eval("a[href^='#']", (links) =>
    links.map((link) => link.getAttribute("href")).filter((href) => !document.getElementById(href.slice(1))));
  result.pictures = await page.$$eval("figure svg", (elements) => elements.length);
  const keys = await page.$$eval("[data-symbol]", (elements) => elements.map((element) => element.dataset.symbol));
  result.pointed = {};
  for (const key of new Set(keys)) {
    await page.locator("[data-symbol]").nth(keys.indexOf(key)).hover({ force: true });
    result.pointed[key] = await state(page);
  }
  await page.mouse.move(1, 1);
  result.left = await state(page);
  await page.keyboard.press("Tab");
  while (await page.evaluate(() => document.activeElement?.tagName === "A")) await page.keyboard.press("Tab");
  result.focused = await state(page);
  await page.keyboard.press("Escape");
  result.escaped = await state(page);
  await page.setViewportSize({ width: 380, height: 700 });
  result.overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  result.light = await paper();
  await page.emulateMedia({ colorScheme: "dark" });
  result.dark = await paper();
  result.requests = requests.slice(1);
  await page.close();
  return result;
}

const results = [];
for (const path of pages) results.push(await visit(path));
await browser.close();
process.stdout.write(JSON.stringify(results));
