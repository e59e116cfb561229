/** Whereabouts: in which lifecycle state and scope an entity is. Lives in the model, because measuring asks the same. */
export * from '../../model/whereabouts.ts'
