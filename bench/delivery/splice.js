/**
 * Puts `text` between the comments `<!-- name -->` and `<!-- /name -->` of a page.
 *
 * @param {string} page
 * @param {string} name
 * @param {string} text
 */
export function replaceBetween(page, name, text) {
  const open = `<!-- ${name} -->`;
  const close = `<!-- /${name} -->`;
  const from = page.indexOf(open);
  const to = page.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`Expected ${open} and ${close} in the page`);
  return `${page.slice(0, from + open.length)}\n\n${text}\n\n${page.slice(to)}`;
}
