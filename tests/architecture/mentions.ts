import { posix } from "node:path";

/** Where the rooms are; "" is the root. */
const HOUSES = ["", "engine/", "server/"];
/** Of a file that is named so, or of anything in it. */
const PATH_END = "[\\w./*-]*";
/** A folder by its name alone, as the pages name rooms: `journal/`. */
const FOLDER = "(?<![\\w./@:<(-])[a-z][a-z-]*/(?=[\\s`|),.;:]|$)";

/** Of a page, to another file of ours. */
const LINK = /\]\((?!\w+:|#)([^)#\s]+)/g;

export interface Tree {
  /** Top folders. */
  readonly tops: readonly string[];
  /** Whether there is such a file or folder. */
  exists(path: string): boolean;
}

/** Paths of the repository that a page or a comment names, and that are not there. */
export function missingMentions(path: string, text: string, { tops, exists }: Tree): string[] {
  const isPage = path.endsWith(".md");
  const below = `(?<![\\w./@-])(?:${tops.join("|")})/${PATH_END}`;
  const mention = new RegExp(isPage ? `${below}|${FOLDER}` : below, "g");
  const prose = text.split("\n").filter((line) => isPage || /^\s*(?:\/\/|\/?\*)|\s\/\/ /.test(line));
  const mentioned = prose.flatMap((line) => line.match(mention) ?? []).map(withoutEnd);
  const links = isPage ? [...text.matchAll(LINK)].map(([, to]) => posix.join(posix.dirname(path), to!)) : [];
  return [
    ...mentioned.filter((name) => !HOUSES.some((house) => exists(house + name))),
    ...links.filter((to) => !exists(to)),
  ];
}

/** Without the full stop of its sentence, and what a pattern stands for. */
function withoutEnd(mention: string): string {
  return mention.replace(/\*.*$/, "").replace(/[./]+$/, "");
}
