export { parametersOf } from "./parameters.ts";
export {
  templateFilter,
  templateInput,
  templatePatch,
  templateTexts,
  templateUsageTexts,
  workflowFromTemplate,
} from "./template-input.ts";
export {
  type Template,
  TemplateService,
  type TemplateUsage,
} from "./template-service.ts";
