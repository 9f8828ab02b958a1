extension DiskQueue {
  /// Puts one message at the end of the queue.
  ///
  /// An empty message costs a sync: at the end of a segment only the metadata tells it from the zeros
  /// that a power loss leaves.
  ///
  /// - Throws: `messageSize`, `queueFull`, `noSpace`, `inputOutput`, `closed`: the message is not in
  ///   then. `syncFailed` with ``Durability/everyPut``: it is in, but may not survive a power loss.
  public func put(_ payload: [UInt8]) throws(DiskQueueError) {
    try check(payload)
    while true {
      let (number, isOverdue, isPast) = try withEngine { (engine) throws(DiskQueueError) in
        (try engine.append(payload), engine.isSyncOverdue, engine.isPastLimit)
      }
      if let number {
        if isPast { rollPastLimit() }
        return try finish(number, isOverdue, endsEmpty: payload.isEmpty)
      }
      let size = Record.size(of: payload.count)
      try exclusively { (engine, commit) throws(DiskQueueError) in
        try engine.makeRoom(for: size, &commit)
      }
    }
  }

  /// Puts one message of UTF-8 text at the end of the queue.
  ///
  /// - Throws: as ``put(_:)-([UInt8])``.
  public func put(_ text: String) throws(DiskQueueError) { try put(Array(text.utf8)) }

  /// Puts messages at the end of the queue in their order, in few large writes.
  ///
  /// - Throws: as ``put(_:)-([UInt8])``; those before the one that failed may be in.
  public func put(contentsOf payloads: some Sequence<[UInt8]>) throws(DiskQueueError) {
    var count = 0
    try put(contentsOf: payloads, count: &count)
  }

  /// As ``put(contentsOf:)``, counting those that are in also when it throws.
  package func put(contentsOf payloads: some Sequence<[UInt8]>, count: inout Int)
    throws(DiskQueueError)
  {
    let all = Array(payloads)
    let good = acceptable(all.span)
    var rest = all[..<good]
    var last: (number: Int64, isOverdue: Bool)?
    var isPastLimit = false
    while let first = rest.first {
      let size = Record.size(of: first.count)
      let chunk = rest
      let done = try withEngine { (engine) throws(DiskQueueError) -> Int in
        let done = try engine.append(chunk)
        last = (engine.appended, engine.isSyncOverdue)
        isPastLimit = engine.isPastLimit
        return done
      }
      count += done
      rest = rest.dropFirst(done)
      if done == 0 {
        try exclusively { (engine, commit) throws(DiskQueueError) in
          try engine.makeRoom(for: size, &commit)
        }
      }
    }
    if isPastLimit { rollPastLimit() }
    if let last { try finish(last.number, last.isOverdue, endsEmpty: all[good - 1].isEmpty) }
    if good < all.count { try check(all[good]) }
  }

  /// How many payloads from the first on are within the limits.
  private func acceptable(_ payloads: Span<[UInt8]>) -> Int {
    let limits = place.options.limits
    var count = 0
    while count < payloads.count, limits.accept(payloads[count].count) { count += 1 }
    return count
  }

  private func check(_ payload: [UInt8]) throws(DiskQueueError) {
    guard place.options.limits.accept(payload.count) else {
      throw DiskQueueError(
        .messageSize,
        "a message of \(payload.count) bytes is outside the limits of "
          + "\(place.options.minMessageSize) to \(place.options.maxMessageSize) bytes",
        path: place.path(.metadata))
    }
  }

  private func finish(_ number: Int64, _ isOverdue: Bool, endsEmpty: Bool) throws(DiskQueueError) {
    if endsEmpty {
      try sync()
    } else if place.options.durability == .everyPut {
      try makeDurable(number)
    } else {
      keepPace(isOverdue)
    }
    if place.options.syncsInline { try? syncIfDue() }
  }

  /// Rolls at once; what was put is in, so a failure is told by an event, and the next put tries
  /// again.
  private func rollPastLimit() {
    try? exclusively { (engine, commit) throws(DiskQueueError) in
      if engine.isPastLimit { try engine.roll(&commit) }
    }
  }

  /// The sync that is otherwise made beside the operations.
  func syncIfDue() throws(DiskQueueError) {
    let isDue = state.withLock { $0.engine?.isSyncDue == true }
    if isDue { try sync() }
  }
}
