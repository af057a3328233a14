import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { chargeBulk } from "../bulk-cost.ts";
import type { Context } from "../context.ts";
import { attempt } from "../errors/user-error.ts";
import { fromNodeId, toNodeId } from "../relay/node-id.ts";
import { Schedule } from "./schedule.ts";
import {
  BackfillScheduleInput,
  CreateScheduleInput,
  DeleteScheduleInput,
  PauseScheduleInput,
  ResumeScheduleInput,
  toScheduleFields,
  UpdateScheduleInput,
} from "./schedule-inputs.ts";
import {
  BackfillSchedulePayload,
  CreateSchedulePayload,
  DeleteSchedulePayload,
  PauseSchedulePayload,
  ResumeSchedulePayload,
  UpdateSchedulePayload,
} from "./schedule-payloads.ts";

const idOf = (input: { readonly scheduleId: string }) => fromNodeId("Schedule", input.scheduleId, "scheduleId");

@Resolver()
export class ScheduleMutations {
  @Mutation(() => CreateSchedulePayload, {
    description: "Creates a schedule. User errors: WORKFLOW_NOT_FOUND, INVALID_CRON, VALIDATION_FAILED.",
  })
  createSchedule(
    @Arg("input", () => CreateScheduleInput, { description: "The new schedule." }) input: CreateScheduleInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { workflowId, ...plan } = input;
      const workflow_id = fromNodeId("Workflow", workflowId, "workflowId");
      const row = await engine.schedules.create(actor.tenantId, { ...toScheduleFields(plan), workflow_id });
      return { schedule: new Schedule(row) };
    });
  }

  @Mutation(() => UpdateSchedulePayload, {
    description:
      "Changes what the input names of a schedule. User errors: SCHEDULE_NOT_FOUND, INVALID_CRON, VALIDATION_FAILED, INVALID_STATE for one that is made from its workflow.",
  })
  updateSchedule(
    @Arg("input", () => UpdateScheduleInput, { description: "The schedule and its changes." })
    input: UpdateScheduleInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { scheduleId, ...changes } = input;
      const id = idOf({ scheduleId });
      return { schedule: new Schedule(await engine.schedules.update(actor.tenantId, id, toScheduleFields(changes))) };
    });
  }

  @Mutation(() => PauseSchedulePayload, {
    description:
      "Lets a schedule fire nothing until it is resumed, and drops a time that is queued. User errors: SCHEDULE_NOT_FOUND, INVALID_STATE.",
  })
  pauseSchedule(
    @Arg("input", () => PauseScheduleInput, { description: "Which schedule." }) input: PauseScheduleInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => ({ schedule: new Schedule(await engine.schedules.pause(actor.tenantId, idOf(input))) }));
  }

  @Mutation(() => ResumeSchedulePayload, {
    description:
      "Lets a schedule go on with the next nominal time from now; those that passed meanwhile are not made up for. User errors: SCHEDULE_NOT_FOUND, INVALID_STATE.",
  })
  resumeSchedule(
    @Arg("input", () => ResumeScheduleInput, { description: "Which schedule." }) input: ResumeScheduleInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => ({
      schedule: new Schedule(await engine.schedules.resume(actor.tenantId, idOf(input))),
    }));
  }

  @Mutation(() => DeleteSchedulePayload, {
    description: "Deletes a schedule; its executions stay. User errors: SCHEDULE_NOT_FOUND, INVALID_STATE.",
  })
  deleteSchedule(
    @Arg("input", () => DeleteScheduleInput, { description: "Which schedule." }) input: DeleteScheduleInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const id = idOf(input);
      await engine.schedules.remove(actor.tenantId, id);
      return { deletedScheduleId: toNodeId("Schedule", id) };
    });
  }

  @Mutation(() => BackfillSchedulePayload, {
    description:
      "Starts one execution for each nominal time of the past that has none yet, whatever the overlap policy says. User errors: SCHEDULE_NOT_FOUND, VALIDATION_FAILED, WORKFLOW_NOT_EXECUTABLE.",
  })
  backfillSchedule(
    @Arg("input", () => BackfillScheduleInput, { description: "Which schedule, and which stretch." })
    input: BackfillScheduleInput,
    @Ctx() { engine, actor }: Context,
  ) {
    return attempt(async () => {
      const { from, to, max } = input;
      const range = { from, to, max };
      const { executionIds, existing } = await engine.schedules.backfill(
        actor.tenantId,
        idOf(input),
        range,
        (executions) => chargeBulk(engine.rateLimiter, actor, executions),
      );
      return { executionIds: executionIds.map((id) => toNodeId("Execution", id)), existing };
    });
  }
}
