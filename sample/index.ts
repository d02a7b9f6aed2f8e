export type { Person } from './company.ts'
export { makeSample, type SampleCompany, type SampleOptions } from './make.ts'
export { type StaffClock, type StaffEvent, type StaffOptions, startStaff } from './staff/staff.ts'
