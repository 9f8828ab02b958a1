extension DiskQueue {
  /// How a queue is opened.
  public typealias Options = QueueOptions
  /// Something a queue met that its owner may want to know.
  public typealias Event = QueueEvent
  /// What a put promises when it returns.
  public typealias Durability = QueueOptions.Durability
  /// What taking does when there is no record where one should be.
  public typealias DamagePolicy = QueueOptions.DamagePolicy
  /// How much a queue may hold.
  public typealias Capacity = QueueOptions.Capacity
}
