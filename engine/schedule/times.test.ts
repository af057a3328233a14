import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { DstPolicies } from "../model/schedule-policies.ts";
import { latestTimes, nextTimes } from "./times.ts";

const byExpression: DstPolicies = { dst_gap: null, dst_overlap: null };
const policies = (dst_gap: DstPolicies["dst_gap"], dst_overlap: DstPolicies["dst_overlap"]): DstPolicies => ({
  dst_gap,
  dst_overlap,
});
const iso = (times: readonly Date[]): string[] => times.map((time) => time.toISOString().replace(":00.000Z", "Z"));

interface Row {
  readonly name: string;
  readonly cron: string;
  readonly zone: string;
  readonly after: string;
  readonly policies: DstPolicies;
  readonly times: readonly string[];
}

const LONDON = "Europe/London";
const NEW_YORK = "America/New_York";
const LORD_HOWE = "Australia/Lord_Howe";

// 2026: London 29 March 01:00→02:00 and 25 October 02:00→01:00; New York 8 March 02:00→03:00 and 1 November 02:00→01:00;
// Lord Howe 5 April 02:00→01:30 (half an hour) and 4 October 02:00→02:30.
const rows: readonly Row[] = [
  {
    name: "London, gap, run_after: at the first instant after it",
    cron: "30 1 * * *",
    zone: LONDON,
    after: "2026-03-28T12:00Z",
    policies: policies("run_after", "first"),
    times: ["2026-03-29T01:00Z", "2026-03-30T00:30Z"],
  },
  {
    name: "London, gap, skip: not that day",
    cron: "30 1 * * *",
    zone: LONDON,
    after: "2026-03-28T12:00Z",
    policies: policies("skip", "first"),
    times: ["2026-03-30T00:30Z", "2026-03-31T00:30Z"],
  },
  {
    name: "London, gap, run_after: several times in it run once",
    cron: "*/15 1-2 * * *",
    zone: LONDON,
    after: "2026-03-29T00:00Z",
    policies: policies("run_after", "first"),
    times: ["2026-03-29T01:00Z", "2026-03-29T01:15Z", "2026-03-29T01:30Z"],
  },
  {
    name: "London, overlap, first",
    cron: "30 1 * * *",
    zone: LONDON,
    after: "2026-10-24T12:00Z",
    policies: policies("skip", "first"),
    times: ["2026-10-25T00:30Z", "2026-10-26T01:30Z"],
  },
  {
    name: "London, overlap, both",
    cron: "30 1 * * *",
    zone: LONDON,
    after: "2026-10-24T12:00Z",
    policies: policies("skip", "both"),
    times: ["2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-26T01:30Z"],
  },
  {
    name: "London, overlap, first holds for lists of hours as well",
    cron: "30 1,3 * * *",
    zone: LONDON,
    after: "2026-10-24T12:00Z",
    policies: byExpression,
    times: ["2026-10-25T00:30Z", "2026-10-25T03:30Z"],
  },
  {
    name: "London, overlap, both, in order of instants and not of local time",
    cron: "*/30 1 * * *",
    zone: LONDON,
    after: "2026-10-25T00:00Z",
    policies: policies("skip", "both"),
    times: ["2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-26T01:00Z"],
  },
  {
    name: "London, overlap, first, asked in the second pass",
    cron: "*/30 1 * * *",
    zone: LONDON,
    after: "2026-10-25T01:10Z",
    policies: policies("skip", "first"),
    times: ["2026-10-26T01:00Z"],
  },
  {
    name: "London, a wildcard hour goes on through the gap without an extra run",
    cron: "30 * * * *",
    zone: LONDON,
    after: "2026-03-29T00:00Z",
    policies: byExpression,
    times: ["2026-03-29T00:30Z", "2026-03-29T01:30Z"],
  },
  {
    name: "London, a wildcard hour goes on through the repeated hour",
    cron: "30 * * * *",
    zone: LONDON,
    after: "2026-10-25T00:00Z",
    policies: byExpression,
    times: ["2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z"],
  },
  {
    name: "New York, gap, run_after",
    cron: "30 2 * * *",
    zone: NEW_YORK,
    after: "2026-03-08T00:00Z",
    policies: byExpression,
    times: ["2026-03-08T07:00Z", "2026-03-09T06:30Z"],
  },
  {
    name: "New York, gap, skip",
    cron: "30 2 * * *",
    zone: NEW_YORK,
    after: "2026-03-08T00:00Z",
    policies: policies("skip", null),
    times: ["2026-03-09T06:30Z"],
  },
  {
    name: "New York, overlap, first",
    cron: "30 1 * * *",
    zone: NEW_YORK,
    after: "2026-11-01T00:00Z",
    policies: byExpression,
    times: ["2026-11-01T05:30Z", "2026-11-02T06:30Z"],
  },
  {
    name: "New York, overlap, both",
    cron: "30 1 * * *",
    zone: NEW_YORK,
    after: "2026-11-01T00:00Z",
    policies: policies(null, "both"),
    times: ["2026-11-01T05:30Z", "2026-11-01T06:30Z", "2026-11-02T06:30Z"],
  },
  {
    name: "Lord Howe, gap of half an hour, run_after",
    cron: "15 2 * * *",
    zone: LORD_HOWE,
    after: "2026-10-03T00:00Z",
    policies: byExpression,
    times: ["2026-10-03T15:30Z", "2026-10-04T15:15Z"],
  },
  {
    name: "Lord Howe, gap of half an hour, skip; what is after it runs",
    cron: "15,45 2 * * *",
    zone: LORD_HOWE,
    after: "2026-10-03T00:00Z",
    policies: policies("skip", null),
    times: ["2026-10-03T15:45Z", "2026-10-04T15:15Z"],
  },
  {
    name: "Lord Howe, overlap of half an hour, first",
    cron: "15,45 1 * * *",
    zone: LORD_HOWE,
    after: "2026-04-04T12:00Z",
    policies: byExpression,
    times: ["2026-04-04T14:15Z", "2026-04-04T14:45Z", "2026-04-05T14:45Z"],
  },
  {
    name: "Lord Howe, overlap of half an hour, both",
    cron: "15,45 1 * * *",
    zone: LORD_HOWE,
    after: "2026-04-04T12:00Z",
    policies: policies(null, "both"),
    times: ["2026-04-04T14:15Z", "2026-04-04T14:45Z", "2026-04-04T15:15Z", "2026-04-05T14:45Z"],
  },
  {
    name: "29 February comes in leap years only",
    cron: "0 0 29 2 *",
    zone: "UTC",
    after: "2026-01-01T00:00Z",
    policies: byExpression,
    times: ["2028-02-29T00:00Z", "2032-02-29T00:00Z"],
  },
  {
    name: "two restricted day fields: a day that matches either counts",
    cron: "0 9 1 * MON",
    zone: "UTC",
    after: "2026-08-28T00:00Z",
    policies: byExpression,
    times: ["2026-08-31T09:00Z", "2026-09-01T09:00Z", "2026-09-07T09:00Z"],
  },
  {
    name: "one restricted day field: the other does not matter",
    cron: "0 9 * * 1-5",
    zone: "UTC",
    after: "2026-08-28T12:00Z",
    policies: byExpression,
    times: ["2026-08-31T09:00Z", "2026-09-01T09:00Z"],
  },
  {
    name: "an alias in a zone",
    cron: "@daily",
    zone: NEW_YORK,
    after: "2026-07-01T00:00Z",
    policies: byExpression,
    times: ["2026-07-01T04:00Z", "2026-07-02T04:00Z"],
  },
  {
    name: "a zone that once left out a whole day",
    cron: "0 12 * * *",
    zone: "Pacific/Apia",
    after: "2011-12-29T00:00Z",
    policies: byExpression,
    times: ["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"],
  },
];

describe("the nominal times of a schedule", () => {
  for (const row of rows) {
    test(row.name, () => {
      const { cron, zone, after, times } = row;
      assert.deepEqual(iso(nextTimes(cron, zone, row.policies, new Date(after), times.length)), times);
      // Backwards from just after the last one: the same.
      const range = { from: new Date(new Date(after).getTime() + 1), to: new Date(times.at(-1)!) };
      assert.deepEqual(iso(latestTimes(cron, zone, row.policies, range, times.length + 1)), times);
    });
  }

  for (const cron of ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *"]) {
    test(`${cron} has no next time`, () => {
      assert.deepEqual(nextTimes(cron, "UTC", byExpression, new Date(), 1), []);
      assert.deepEqual(latestTimes(cron, "UTC", byExpression, { from: new Date(0), to: new Date() }, 1), []);
    });
  }

  test("the given time itself does not count forwards, and does backwards", () => {
    const at = new Date("2026-05-01T09:00:00Z");
    assert.deepEqual(iso(nextTimes("0 9 * * *", "UTC", byExpression, at, 1)), ["2026-05-02T09:00Z"]);
    assert.deepEqual(latestTimes("0 9 * * *", "UTC", byExpression, { from: at, to: at }, 5), [at]);
  });

  test("forwards and backwards agree, and agree with a walk over every minute", () => {
    const number = (max: number) => fc.integer({ min: 0, max }).map(String);
    const cron = fc
      .tuple(
        fc.oneof(number(59), fc.constantFrom("*/15", "*/20", "0,30")),
        fc.oneof(number(4), fc.constantFrom("*", "0-3", "1,2", "*/2")),
      )
      .map(([minute, hour]) => `${minute} ${hour} * * *`);
    const change = fc.constantFrom(
      { zone: LONDON, at: "2026-03-29T01:00Z" },
      { zone: LONDON, at: "2026-10-25T01:00Z" },
      { zone: NEW_YORK, at: "2026-03-08T07:00Z" },
      { zone: NEW_YORK, at: "2026-11-01T06:00Z" },
      { zone: LORD_HOWE, at: "2026-10-03T15:30Z" },
      { zone: LORD_HOWE, at: "2026-04-04T15:00Z" },
    );
    fc.assert(
      fc.property(
        cron,
        change,
        fc.integer({ min: -300, max: 120 }),
        fc.constantFrom("run_after" as const, "skip" as const),
        fc.constantFrom("first" as const, "both" as const),
        (expression, { zone, at }, startMinutes, gap, overlap) => {
          const from = new Date(at).getTime() + startMinutes * 60_000;
          const to = from + 8 * 3_600_000;
          const expected = everyMinute(expression, zone, { gap, overlap, changeAt: new Date(at).getTime() }, from, to);
          const chosen = policies(gap, overlap);
          const forwards = nextTimes(expression, zone, chosen, new Date(from - 1), 50).filter((time) => +time <= to);
          assert.deepEqual(iso(forwards), iso(expected));
          const range = { from: new Date(from), to: new Date(to) };
          assert.deepEqual(iso(latestTimes(expression, zone, chosen, range, 50)), iso(expected));
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The model: looks at each minute's wall clock, and knows where the clock changes. */
function everyMinute(
  cron: string,
  zone: string,
  dst: { gap: "run_after" | "skip"; overlap: "first" | "both"; changeAt: number },
  from: number,
  to: number,
): Date[] {
  const [minutes, hours] = cron.split(" ").map((field) => matcher(field));
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const wall = (at: number): number => {
    const [hour, minute] = format.format(at).split(":").map(Number);
    return hour! * 60 + minute!;
  };
  const matches = (minuteOfDay: number): boolean => hours!(Math.floor(minuteOfDay / 60)) && minutes!(minuteOfDay % 60);
  // Positive where the clock is put forward.
  const shift = wall(dst.changeAt) - wall(dst.changeAt - 60_000) - 1;
  const times: Date[] = [];
  for (let at = from; at <= to; at += 60_000) {
    const here = wall(at);
    const repeated = shift < 0 && at >= dst.changeAt && at < dst.changeAt - shift * 60_000;
    let fires = matches(here) && !(repeated && dst.overlap === "first");
    if (at === dst.changeAt && shift > 0 && dst.gap === "run_after") {
      for (let lost = here - shift; lost < here; lost++) fires ||= matches(lost);
    }
    if (fires) times.push(new Date(at));
  }
  return times;
}

function matcher(field: string): (value: number) => boolean {
  if (field === "*") return () => true;
  if (field.startsWith("*/")) return (value) => value % Number(field.slice(2)) === 0;
  if (field.includes("-")) {
    const [low, high] = field.split("-").map(Number);
    return (value) => value >= low! && value <= high!;
  }
  const values = field.split(",").map(Number);
  return (value) => values.includes(value);
}
