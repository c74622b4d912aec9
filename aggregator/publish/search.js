// Searches the index beside the pages (pagefind), and shows what it found as the other pages show stories.
const form = document.getElementById("ask");
const field = document.getElementById("q");
const list = document.getElementById("found");
const status = document.getElementById("status");
const index = import("./pagefind/pagefind.js");
const MOST = 30;

async function search(query) {
  history.replaceState(null, "", query ? `?q=${encodeURIComponent(query)}` : "./");
  list.replaceChildren();
  status.textContent = "";
  if (!query) return;
  const { results } = await (await index).search(query);
  const pages = await Promise.all(results.slice(0, MOST).map((result) => result.data()));
  if (field.value.trim() !== query) return;
  status.textContent = results.length ? status.dataset.some.replace("{n}", results.length) : status.dataset.nothing;
  for (const page of pages) list.append(entry(page));
}

function entry(page) {
  const item = document.createElement("li");
  const body = document.createElement("div");
  const heading = document.createElement("h2");
  const link = document.createElement("a");
  const text = document.createElement("p");
  item.append(document.createElement("p"), body);
  link.href = page.url;
  link.dir = text.dir = "auto";
  link.textContent = page.meta.title;
  text.className = "lead";
  for (const [n, part] of page.excerpt.split(/<\/?mark>/).entries()) {
    // An excerpt is HTML: text, with <mark> around what was looked for. A `p` keeps the spaces at its beginning.
    const decoded = new DOMParser().parseFromString(`<p>${part}`, "text/html").body.textContent;
    const node = document.createElement(n % 2 ? "mark" : "span");
    node.textContent = decoded;
    text.append(node);
  }
  heading.append(link);
  body.append(heading, text);
  return item;
}

let waiting;
field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => search(field.value.trim()), 200);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  search(field.value.trim());
});
field.value = new URLSearchParams(location.search).get("q") ?? "";
if (field.value) search(field.value.trim());
