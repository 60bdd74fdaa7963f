// Runs once for the table of filings: typing leaves the rows that hold every word, Enter opens the
// first of them, a filing's button opens it.
const open = (button) => button && trigger('select', { filing: button.dataset.open });
const filter = (box) => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...element.querySelectorAll('tbody tr')];
  for (const row of rows) {
    row.searched ??= row.textContent.toLowerCase();
    row.hidden = !words.every((word) => row.searched.includes(word));
  }
  const left = rows.filter((row) => !row.hidden).length;
  const told = words.length ? `${left} of ${rows.length}` : '';
  element.querySelector('.tq-found').textContent = told;
};
element.addEventListener('input', (event) => event.target.matches('input[type=search]') && filter(event.target));
element.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !event.target.matches('input[type=search]')) return;
  event.preventDefault();
  open(element.querySelector('tbody tr:not([hidden]) button[data-open]'));
});
element.addEventListener('click', (event) => open(event.target.closest('button[data-open]')));
