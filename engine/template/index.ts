export { parametersOf } from "./parameters.ts";
export { templateFilter, templateInput, templatePatch, workflowFromTemplate } from "./template-input.ts";
export {
  type Template,
  TemplateService,
  type TemplateUsage,
} from "./template-service.ts";
