/**
 * Puts `body` under `## heading`, in place of what an earlier run left there, or at the end. Everything else stays: what
 * stands before the first heading is written by hand.
 */
export function withSection(document: string, heading: string, body: string): string {
  const section = `## ${heading}\n\n${body.trim()}\n`;
  const [introduction = "", ...sections] = document.split(/^(?=## )/m);
  const isSame = (text: string): boolean => text.split("\n", 1)[0] === `## ${heading}`;
  const others = sections.map((text) => (isSame(text) ? section : text));
  if (!sections.some(isSame)) others.push(section);
  return `${[introduction, ...others]
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .join("\n\n")}\n`;
}
