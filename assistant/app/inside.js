// Runs once for what is inside a filing: a section, a statement or a row asks for its page.
element.addEventListener('click', (event) => {
  const place = event.target.closest('[data-place]');
  if (!place) return;
  for (const before of element.querySelectorAll('[aria-current]')) before.removeAttribute('aria-current');
  element.querySelector(`button[data-place="${place.dataset.place}"]`).setAttribute('aria-current', 'true');
  trigger('select', { place: place.dataset.place });
});
