import type { FastifyBaseLogger } from "fastify";

/** One line of log in so long, however much there is to tell. */
const TELL_EVERY_MS = 10_000;

/** What strangers can do as often as they like is counted, and told of in one line now and then: a line for each would be theirs to fill the disk with. */
export class Tally {
  private counts: Record<string, number> = {};
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly logger: Pick<FastifyBaseLogger, "warn">,
    private readonly message: string,
    private readonly counted: (kind: string) => void = () => {},
  ) {}

  /** Whether it would be the first of its kind on the next line. */
  isFirst(kind: string): boolean {
    return this.counts[kind] === undefined;
  }

  note(kind: string): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    this.counted(kind);
    this.timer ??= setTimeout(() => this.tell(), TELL_EVERY_MS).unref();
  }

  private tell(): void {
    this.logger.warn(this.counts, this.message);
    this.counts = {};
    this.timer = null;
  }
}
