// What sticks out of the page, is cut off, or lies upon another thing that one may press.

() => {
  const interactive =
    "a[href], button, input, select, summary, textarea, [role=menuitem], [role=menuitemradio]";
  const overlay = "dialog, [popover], [role=menu], [role=dialog]";
  /** What lies above the rest of the page by design; below it one can scroll. */
  const layer = (each) => {
    for (let around = each; around; around = around.parentElement)
      if (
        around.matches(overlay) ||
        ["sticky", "fixed"].includes(getComputedStyle(around).position)
      )
        return around;
    return null;
  };
  const isShown = (each) =>
    each.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    each.clientWidth > 1 &&
    !each.closest("[inert]");
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  const name = (each) => {
    const [tag] = each.cloneNode().outerHTML.split("\n");
    return `${tag} ${each.textContent.trim().slice(0, 40)}`;
  };

  /** The part of an element that its scrolling ancestors and the window leave to be seen. */
  const visible = (each) => {
    let { left, top, right, bottom } = each.getBoundingClientRect();
    for (let around = each.parentElement; around; around = around.parentElement) {
      if (getComputedStyle(around).overflow === "visible" || around === document.body) continue;
      const box = around.getBoundingClientRect();
      left = Math.max(left, box.left);
      top = Math.max(top, box.top);
      right = Math.min(right, box.right);
      bottom = Math.min(bottom, box.bottom);
    }
    return { each, left, top, right, bottom };
  };
  const overlap = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;

  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth)
    found.push(`scrolls by ${root.scrollWidth - root.clientWidth}`);
  for (const each of shown(
    "a[href], button, label, legend, summary, h1, h2, h3, h4, [role=status], [role=alert]",
  )) {
    if (each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline")
      found.push(`cut off: ${name(each)}`);
  }
  const boxes = shown(interactive).map(visible);
  for (const { each, left, right } of boxes)
    if (right > left && (left < -1 || right > innerWidth + 1))
      found.push(`sticks out: ${name(each)}`);
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
  for (const [index, a] of boxes.entries())
    for (const b of boxes.slice(index + 1)) {
      if (a.each.contains(b.each) || b.each.contains(a.each) || !overlap(a, b)) continue;
      if (layer(a.each) !== layer(b.each)) continue;
      if (modal && !modal.contains(a.each)) continue;
      found.push(`overlap: ${name(a.each)} and ${name(b.each)}`);
    }
  return found;
};
