"use strict";
// What an overview does: it searches and sorts the list of its sessions.
(() => {
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const table = document.getElementById("list");
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const spelled = (number) => number.toLocaleString("en-US");
  const counted = spelled(rows.length) + (rows.length === 1 ? " session" : " sessions");

  function filter() {
    const wanted = search.value.toLowerCase();
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !texts[index].includes(wanted);
      if (!row.hidden) ++shown;
    });
    count.textContent = wanted === "" ? counted : spelled(shown) + " of " + counted;
  }

  // Numbers stand in data-value.
  function valueOf(row, column) {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.value);
  }

  function sortBy(header) {
    const column = header.cellIndex;
    const isText = rows.length > 0 && rows[0].cells[column].dataset.value === undefined;
    const before = header.getAttribute("aria-sort");
    const way = before === null ? (isText ? "ascending" : "descending")
      : before === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", way);
    const sign = way === "ascending" ? 1 : -1;
    const sorted = rows.slice().sort((a, b) => {
      const left = valueOf(a, column);
      const right = valueOf(b, column);
      return left < right ? -sign : left > right ? sign : 0;
    });
    body.append(...sorted);
  }

  search.addEventListener("input", filter);
  for (const header of table.tHead.rows[0].cells)
    header.querySelector("button").addEventListener("click", () => sortBy(header));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      search.value = "";
      filter();
      search.blur();
    } else if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    }
  });
})();
