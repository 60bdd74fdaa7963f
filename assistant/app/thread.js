// Runs once for each block of answers. A click on a citation asks for its page, one on a sample
// question asks it, one on what was understood gives the question back to change it; the conversation stays at its end while an answer grows, unless read further up.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-cite], button[data-sample], button[data-edit]');
  if (button && button.dataset.cite) trigger('select', { cite: button.dataset.cite });
  if (button && button.dataset.edit) trigger('edit', { turn: button.dataset.edit });
  if (button && button.dataset.sample) trigger('click', { sample: button.dataset.sample });
});
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
