export { parametersOf } from "./parameters.ts";
export { templateInput, templatePatch, workflowFromTemplate } from "./template-input.ts";
export {
  type Template,
  TemplateService,
  type TemplateUsage,
} from "./template-service.ts";
