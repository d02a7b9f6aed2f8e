export { formatReports, type ReportFormat, reportFormats } from './formats.ts'
export { reportedKinds } from './gather.ts'
export { reportDue, reportedFact } from './sending.ts'
export { type SkillReport, type TeamReport, teamReports } from './team-report.ts'
