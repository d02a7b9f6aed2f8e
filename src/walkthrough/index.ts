export * from './ask-card.ts'
export * from './card.ts'
