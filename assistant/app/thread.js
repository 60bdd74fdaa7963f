// Runs once for each block of answers. A click on a citation asks for its page, one on a sample
// question asks it, one on what was understood gives the question back to change it, one on an
// opinion keeps it, one on "Copy" copies the answer; the conversation stays at its end while an
// answer grows, unless read further up.
const kinds = ['cite', 'sample', 'edit', 'judge'];
const key = (button) => kinds.map((kind) => button.dataset[kind] || '').join('|');
const buttons = kinds.map((kind) => `button[data-${kind}]`).join(', ');
const copy = async (button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    // Browsers keep that to pages of this machine or over TLS.
    const area = document.createElement('textarea');
    area.value = button.dataset.copy;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.focus({ preventScroll: true });
  }
  button.textContent = 'Copied';
};
element.addEventListener('click', (event) => {
  const copied = event.target.closest('button[data-copy]');
  if (copied) copy(copied);
  const button = event.target.closest(buttons);
  if (!button) return;
  const { cite, sample, edit, judge } = button.dataset;
  if (cite) trigger('select', { cite });
  if (edit) trigger('edit', { turn: edit });
  if (sample) trigger('click', { sample });
  if (judge) trigger('like', { judge });
});
// A redrawn block keeps the focus where a reader at the keyboard had it.
let focused = null;
element.addEventListener('focusin', (event) => {
  const button = event.target.closest(buttons);
  focused = button && key(button);
});
document.addEventListener('focusin', (event) => {
  if (!element.contains(event.target)) focused = null;
});
new MutationObserver(() => {
  if (focused === null || document.activeElement !== document.body) return;
  const same = [...element.querySelectorAll(buttons)].find((button) => key(button) === focused);
  if (same) same.focus({ preventScroll: true });
}).observe(element, { childList: true, subtree: true });
const box = element.closest('.tq-thread');
if (box) {
  let atEnd = true;
  box.addEventListener('scroll', () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  });
  new MutationObserver(() => {
    if (atEnd) box.scrollTop = box.scrollHeight;
  }).observe(element, { childList: true, subtree: true, characterData: true });
}
