/** What an action's name says was done. Recorders agree on little; these parts of words stand in all of them. */
export const isCopy = /copy|cut(?!e)/i
export const isPaste = /paste|drop/i
export const isEdit = /edit|type|insert|input|change|fill|set ?value/i
export const isRead = /getcell|getrange|read|select|navigate|visit|open/i
