import { type ClassType, Field, ObjectType } from "type-graphql";
import type { Page } from "../../engine/index.ts";
import { SafeInt } from "../scalars.ts";
import { type ListWindow, toCursor } from "./page-args.ts";

@ObjectType({ description: "Where a page stands in its list.", simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, { description: "Whether the list goes on after this page." })
  readonly hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Whether the list has something before this page." })
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Cursor of the first on the page; null when it is empty." })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Cursor of the last on the page; null when it is empty." })
  readonly endCursor!: string | null;
}

/** A page as the connection types below show it. Cursors are made, and the list counted, only where selected. */
export class Connection<R, T> {
  private readonly page: Page<R>;
  private readonly window: ListWindow;
  private readonly keyOf: (record: R) => number;
  readonly totalCount: () => Promise<number>;
  readonly nodes: readonly T[];

  constructor(options: {
    readonly page: Page<R>;
    readonly window: ListWindow;
    /** The number that orders the list. */
    readonly keyOf: (record: R) => number;
    readonly toNode: (record: R) => T;
    readonly count: () => Promise<number>;
  }) {
    this.page = options.page;
    this.window = options.window;
    this.keyOf = options.keyOf;
    this.totalCount = options.count;
    this.nodes = options.page.items.map(options.toNode);
  }

  get edges(): { cursor: string; node: T }[] {
    return this.page.items.map((record, i) => ({ cursor: this.cursorOf(record), node: this.nodes[i]! }));
  }

  get pageInfo(): PageInfo {
    const { items, hasMore } = this.page;
    const { after, before, fromEnd } = this.window;
    return {
      // A cursor that bounds the page is of something that the list has beyond it.
      hasNextPage: before !== null || (!fromEnd && hasMore),
      hasPreviousPage: after !== null || (fromEnd && hasMore),
      startCursor: items.length > 0 ? this.cursorOf(items[0]!) : null,
      endCursor: items.length > 0 ? this.cursorOf(items.at(-1)!) : null,
    };
  }

  private cursorOf(record: R): string {
    return toCursor(this.window.list, this.keyOf(record));
  }
}

/** The GraphQL types of a list of `node`: `NameConnection` and `NameEdge`. `order` says how it is ordered. */
export function connectionType(name: string, node: () => ClassType, order: string): ClassType {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a list, and its place there.`, simpleResolvers: true })
  class Edge {
    @Field(() => String, { description: "For `after` and `before`. Opaque: do not read it or make one." })
    readonly cursor!: string;

    @Field(node, { description: `The ${name}.` })
    readonly node!: unknown;
  }

  @ObjectType(`${name}Connection`, {
    description: `A page of a list of type ${name}, ${order}.`,
    simpleResolvers: true,
  })
  class NodeConnection {
    @Field(() => [Edge], { description: "The page with a cursor for each." })
    readonly edges!: Edge[];

    @Field(() => [node()], { description: "The page without the cursors." })
    readonly nodes!: unknown[];

    @Field(() => PageInfo, { description: "Where the page stands in the list." })
    readonly pageInfo!: PageInfo;

    @Field(() => SafeInt, {
      description: "How many the whole list has under its filter. Counted only when selected; slow for long lists.",
    })
    readonly totalCount!: number;
  }
  return NodeConnection;
}
