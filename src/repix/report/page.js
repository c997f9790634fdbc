for (const slider of document.querySelectorAll(".slider")) {
  const range = slider.querySelector("input");
  range.addEventListener("input", () => slider.style.setProperty("--at", range.value + "%"));
}

for (const views of document.querySelectorAll(".views")) {
  const shown = [...views.querySelectorAll(".strip img")];
  const pair = views.querySelector(".pair");
  const images = pair.querySelectorAll("img"), labels = pair.querySelectorAll(".slider span");
  pair.querySelectorAll("select").forEach((choice, side) => {
    const show = () => {
      images[side].src = shown[choice.selectedIndex].src;
      images[side].alt = labels[side].textContent = shown[choice.selectedIndex].alt;
    };
    choice.addEventListener("change", show);
    show();
  });
  pair.hidden = false;
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const compared = (a, b, sign) => typeof a !== typeof b ? (typeof a === "number" ? -1 : 1)  // missing numbers come last
    : sign * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    heads.forEach(other => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    const rows = [...table.tBodies[0].rows];
    rows.sort((a, b) => compared(key(a, column), key(b, column), sign));
    table.tBodies[0].append(...rows);
  }));
}
