// Rows that are ticked: all of a page at once, and how many there are. Without this file each box is ticked by hand.

document.addEventListener("change", (event) => {
  const { bulkAll } = event.target.dataset;
  if (bulkAll) boxesOf(bulkAll).forEach((box) => (box.checked = event.target.checked));
  const id = bulkAll ?? event.target.getAttribute("form");
  if (id) show(id);
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
