// What is wrong with how the page lies there, a line each. Run in the page by tests/helpers/browser.py.
() => {
  const found = [];
  const SLACK = 4; // room for a finger around a link may stick out so far, its letters may not

  const wide = document.documentElement.clientWidth;
  const scrolls = document.scrollingElement.scrollWidth;
  if (scrolls > wide) found.push(`the page scrolls sideways: ${scrolls} px in ${wide}`);
  const said = each => {
    const name = each.className && each.className.baseVal !== undefined ? each.className.baseVal : each.className;
    const text = each.textContent.trim().replace(/\s+/g, " ").slice(0, 50);
    return `<${each.localName}${name ? ` class="${name}"` : ""}> ${text}`;
  };
  // Only for those who listen: out of sight on purpose.
  const isAside = each => each.closest(".vh, .skip") !== null;
  const isShown = each => each.checkVisibility({checkVisibilityCSS: true});
  for (const each of document.querySelectorAll("body *")) {
    if (isAside(each) || !isShown(each)) continue;
    const box = each.getBoundingClientRect();
    if (box.width && (box.right > wide + SLACK || box.left < -SLACK)) {
      found.push(`sticks out, ${Math.round(box.left)} to ${Math.round(box.right)} of ${wide}: ${said(each)}`);
    }
    const style = getComputedStyle(each);
    const isCut = style.overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1
      || style.overflowY !== "visible" && each.scrollHeight > each.clientHeight + 1;
    if (isCut && !(each instanceof SVGElement) && each.localName !== "input") found.push(`is cut off: ${said(each)}`);
  }
  // Lines of different texts over one another.
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.data.trim() || isAside(holder) || !isShown(holder)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1) lines.push({box, node, holder});
  }
  lines.sort((one, other) => one.box.top - other.box.top);
  const told = new Set();
  for (let i = 0; i < lines.length; i++) {
    for (let k = i + 1; k < lines.length && lines[k].box.top < lines[i].box.bottom; k++) {
      const [one, other] = [lines[i], lines[k]];
      if (one.node === other.node) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > 2 && down > 0.4 * Math.min(one.box.height, other.box.height)) {
        const pair = `lie over one another: ${said(one.holder)} / ${said(other.holder)}`;
        if (!told.has(pair)) found.push(pair);
        told.add(pair);
      }
    }
  }
  return found;
}
