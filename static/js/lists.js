// Selecting rows: all of a page at once, how many are selected, and the actions once there are some. Without this file,
// each checkbox is selected by hand.

document.addEventListener("change", (event) => {
  const before = event.target.getBoundingClientRect().top;
  const { bulkAll } = event.target.dataset;
  if (bulkAll) boxesOf(bulkAll).forEach((box) => (box.checked = event.target.checked));
  const id = bulkAll ?? event.target.getAttribute("form") ?? event.target.closest("form.bulk")?.id;
  if (!id) return;
  show(id);
  // the bar appears above the rows: the row that was selected stays under the pointer
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
  const everything = form.querySelector("[data-bulk-scope]:checked")?.dataset.bulkScope;
  form.querySelectorAll("[data-bulk-act]").forEach((button) => {
    button.disabled = ticked === 0;
    if (ticked) button.lastChild.data = button.dataset.bulkAct.replace("{count}", everything ?? ticked);
  });
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
// Back restores the checkboxes as they were left
window.addEventListener("pageshow", showAll);
