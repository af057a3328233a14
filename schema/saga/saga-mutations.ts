import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { Saga as SagaRecord } from "../../saga/index.ts";
import { toDocumentedNames, withoutNulls } from "../documented-input.ts";
import { attempt } from "../errors/user-error.ts";
import type { SagaContext } from "./context.ts";
import { Saga } from "./saga.ts";
import {
  CancelSagaInput,
  RegisterSagaTypeInput,
  ResumeCompensationInput,
  SkipCompensationInput,
  StartSagaInput,
} from "./saga-inputs.ts";
import {
  CancelSagaPayload,
  RegisterSagaTypePayload,
  ResumeCompensationPayload,
  SkipCompensationPayload,
  StartSagaPayload,
} from "./saga-payloads.ts";
import { SagaType } from "./saga-type.ts";

@Resolver()
export class SagaMutations {
  @Mutation(() => StartSagaPayload, {
    description:
      "Starts a saga. When this answers, it is stored and will run to its end, or be undone, whatever happens. User errors: SAGA_TYPE_NOT_FOUND, IDEMPOTENCY_CONFLICT, VALIDATION_FAILED.",
  })
  startSaga(
    @Arg("input", () => StartSagaInput, { description: "What to start." }) given: StartSagaInput,
    @Ctx() { orchestrator: { sagas }, actor: { tenantId } }: SagaContext,
  ) {
    const { type, input, correlationId = null, idempotencyKey = null } = given;
    const request = { type, input: input ?? {}, correlationId, idempotencyKey };
    return showing(async () => sagas.get(tenantId, await sagas.start(tenantId, request)));
  }

  @Mutation(() => CancelSagaPayload, {
    description:
      "Stops a saga and, unless told not to, undoes what it has done. User errors: SAGA_NOT_FOUND, INVALID_STATE unless it is PENDING or RUNNING.",
  })
  cancelSaga(
    @Arg("input", () => CancelSagaInput, { description: "Which one, and how." }) input: CancelSagaInput,
    @Ctx() { orchestrator: { sagas }, actor: { tenantId } }: SagaContext,
  ) {
    const { sagaId, compensate, reason = null } = input;
    return showing(() => sagas.cancel(tenantId, sagaId, { compensate, reason }));
  }

  @Mutation(() => ResumeCompensationPayload, {
    description:
      "Tries the compensation that failed for good again, with fresh attempts, and goes on undoing. User errors: SAGA_NOT_FOUND, INVALID_STATE unless compensationStatus is FAILED.",
  })
  resumeCompensation(
    @Arg("input", () => ResumeCompensationInput, { description: "Which saga." }) { sagaId }: ResumeCompensationInput,
    @Ctx() { orchestrator: { sagas }, actor: { tenantId } }: SagaContext,
  ) {
    return showing(() => sagas.resumeCompensation(tenantId, sagaId));
  }

  @Mutation(() => SkipCompensationPayload, {
    description:
      "Leaves what the failed compensation was to undo as it is, and goes on undoing with the step before. User errors: SAGA_NOT_FOUND, INVALID_STATE unless compensationStatus is FAILED, VALIDATION_FAILED.",
  })
  skipCompensation(
    @Arg("input", () => SkipCompensationInput, { description: "What, and why." }) input: SkipCompensationInput,
    @Ctx() { orchestrator: { sagas }, actor: { tenantId } }: SagaContext,
  ) {
    const { sagaId, step, reason } = input;
    return showing(() => sagas.skipCompensation(tenantId, sagaId, { step, reason }));
  }

  @Mutation(() => RegisterSagaTypePayload, {
    description:
      "Makes a saga type, or its next version; sagas that run keep theirs. User errors: VALIDATION_FAILED with every path, NAME_TAKEN for a name that is built in.",
  })
  registerSagaType(
    @Arg("input", () => RegisterSagaTypeInput, { description: "The type." }) input: RegisterSagaTypeInput,
    @Ctx() { orchestrator: { types }, actor: { tenantId } }: SagaContext,
  ) {
    return attempt(async () => {
      const type = await types.register(tenantId, toDocumentedNames(withoutNulls(input)));
      return { sagaType: new SagaType(type) };
    });
  }
}

function showing(work: () => Promise<SagaRecord>) {
  return attempt(async () => ({ saga: new Saga(await work()) }));
}
