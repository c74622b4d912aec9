// In every table that Datasette shows, numbers of stories, posts and sources, and topics, lead to where all of that one is;
// so do titles. Datasette does that for tables with foreign keys alone, not for views and answers to SQL. What the columns
// mean is folded, so that a page begins with its rows. Only what is shown is changed: without this file nothing is missing
// but the links.
document.addEventListener("DOMContentLoaded", () => {
  for (const list of document.querySelectorAll("dl.column-descriptions")) {
    const folded = document.createElement("details");
    const name = document.createElement("summary");
    name.textContent = "What the columns mean";
    list.replaceWith(folded);
    folded.append(name, list);
  }
  // A search for nothing is an error of the index: it is left out.
  for (const box of document.querySelectorAll('input[name="_search"]')) {
    box.form?.addEventListener("submit", () => { box.disabled = !/[^\s"]/.test(box.value); });
  }
  const crumb = document.querySelector('.crumbs a[href$="/aggregator"]');
  const base = crumb ? crumb.getAttribute("href") : (location.pathname.match(/^.*?\/aggregator(?=\/|$)/) || [])[0];
  if (!base) return;
  const story = (id) => `${base}/story?story=${id}`;
  const post = (id) => `${base}/post?post=${id}`;
  const source = (id) => `${base}/sources/${id}`;
  const topic = (name) => `${base}/topic?topic=${name}`;
  const NUMBERS = {
    story_id: story, earlier_story_id: story, merged_into: story,
    post_id: post, copy_of: post, lead_post_id: post, with_post_id: post,
    source_id: source, topic: topic, other: topic,
  };
  // Where `id` leads in some tables, and of what the words of a column are called so, the first that the table has.
  const IDS = { latest_stories: story, latest_posts: post, spaceless_posts: post, source_health: source, stories: story,
    posts: post, sources: source };
  const OF = ["post_id", "id", "story_id"];
  const WORDS = { title: OF, headline: OF, label: OF, words: OF, source: ["source_id", "id"],
    earlier_title: ["earlier_story_id"], original_title: ["copy_of"] };
  const shown = (document.body.className.match(/\btable-(\w+)/) || [])[1];
  const leads = (column) => column === "id" ? IDS[shown] : NUMBERS[column];

  for (const row of document.querySelectorAll("table.rows-and-columns tbody tr")) {
    const said = {};
    const cells = {};
    for (const cell of row.cells) {
      const column = (cell.className.match(/\bcol-(\w+)/) || [])[1];
      if (column && !(column in cells)) [cells[column], said[column]] = [cell, cell.textContent.trim()];
    }
    // What Datasette has written a name beside is no number, and a link already.
    const isKnown = (column) => leads(column) === topic ? said[column] : leads(column) && /^\d+$/.test(said[column]);
    for (const [column, cell] of Object.entries(cells)) {
      cell.classList.toggle("is-empty", said[column] === "");
      const of = (WORDS[column] || [column]).find((each) => isKnown(each) && (column !== "source" || leads(each) === source));
      if (!of || said[column] === "" || cell.querySelector("a")) continue;
      const link = document.createElement("a");
      link.href = leads(of)(encodeURIComponent(said[of]));
      link.append(...cell.childNodes);
      cell.append(link);
    }
  }
});
