export * from './quality.ts'
export * from './time-saved.ts'
