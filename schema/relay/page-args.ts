import { ArgsType, Field, Int } from "type-graphql";
import { DomainError, type Issue, type Window } from "../../engine/index.ts";

const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    description: `How many from the beginning of the list, 1 to ${MAX_PAGE}. Default ${DEFAULT_PAGE}. Not together with \`last\`.`,
  })
  declare first?: number | null;

  @Field(() => String, { nullable: true, description: "Only what comes after this cursor." })
  declare after?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: `How many from the end of the list, 1 to ${MAX_PAGE}. Not together with \`first\`.`,
  })
  declare last?: number | null;

  @Field(() => String, { nullable: true, description: "Only what comes before this cursor." })
  declare before?: string | null;
}

/** A page of a list of nodes of one type. */
export interface ListWindow extends Window {
  /** Name of the type. Its cursors say it, so that one of another list is refused: its number would mean something else. */
  readonly list: string;
}

/** @throws DomainError with every broken rule. */
export function toWindow({ first, after, last, before }: PageArgs, list: string): ListWindow {
  const issues: Issue[] = [];
  for (const [path, size] of Object.entries({ first, last })) {
    if (size != null && (size < 1 || size > MAX_PAGE)) issues.push({ path, message: `must be 1 to ${MAX_PAGE}` });
  }
  if (first != null && last != null) issues.push({ path: "last", message: "must not be given together with first" });
  const read = (path: string, cursor: string | null | undefined): number | null => {
    if (cursor == null) return null;
    const [of, key = ""] = Buffer.from(cursor, "base64url").toString("latin1").split(":");
    if (of === list && /^\d{1,15}$/.test(key)) return Number(key);
    issues.push({ path, message: "must be a cursor that this list has returned" });
    return null;
  };
  const window = {
    list,
    limit: first ?? last ?? DEFAULT_PAGE,
    after: read("after", after),
    before: read("before", before),
    fromEnd: last != null,
  };
  if (issues.length > 0) throw DomainError.invalid(issues);
  return window;
}

/** Nodes that a page has at most; what is out of bounds will be refused when it is read. */
export function pageSizeOf({ first, last }: Pick<PageArgs, "first" | "last">): number {
  return Math.min(Math.max(first ?? last ?? DEFAULT_PAGE, 0), MAX_PAGE);
}

export function toCursor(list: string, key: number): string {
  return Buffer.from(`${list}:${key}`).toString("base64url");
}
