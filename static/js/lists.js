// Rows that are ticked: all of a page at once, how many there are, and what to do with them as soon as there are some.
// Without this file each box is ticked by hand.

document.addEventListener("change", (event) => {
  const before = event.target.getBoundingClientRect().top;
  const { bulkAll } = event.target.dataset;
  if (bulkAll) boxesOf(bulkAll).forEach((box) => (box.checked = event.target.checked));
  const id = bulkAll ?? event.target.getAttribute("form");
  if (!id) return;
  show(id);
  // the bar comes above the rows: what was ticked stays under the pointer
  scrollBy(0, event.target.getBoundingClientRect().top - before);
});

function boxesOf(id) {
  return [...document.querySelectorAll(`input[type="checkbox"][form="${CSS.escape(id)}"]`)];
}

function show(id) {
  const form = document.getElementById(id);
  const count = form?.querySelector("[data-bulk-count]");
  if (!count) return;
  const boxes = boxesOf(id);
  const ticked = boxes.filter((box) => box.checked).length;
  const { none, some } = count.dataset;
  count.textContent = ticked === 0 ? none : some.replace("{count}", ticked);
  form.toggleAttribute("data-ticked", ticked > 0);
  form.querySelectorAll("[data-bulk-chosen]").forEach((button) => (button.disabled = ticked === 0));
  const all = document.querySelector(`[data-bulk-all="${CSS.escape(id)}"]`);
  if (!all) return;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
}

function showAll() {
  document.querySelectorAll("form.bulk").forEach((form) => show(form.id));
}

showAll();
document.addEventListener("htmx:after:swap", showAll);
// Back shows the boxes as they were left
window.addEventListener("pageshow", showAll);
