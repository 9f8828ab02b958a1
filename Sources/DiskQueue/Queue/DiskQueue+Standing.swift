/// What operators' acts and tests ask of an open queue beyond its public face.
extension DiskQueue {
  /// Where the queue stands.
  package var standing: QueueState {
    get throws(DiskQueueError) {
      try withEngine { (engine) throws(DiskQueueError) in engine.state }
    }
  }

  /// Writes the metadata even when its numbers are those on disk, for a file with other bytes.
  package func storeMetadata() throws(DiskQueueError) {
    try exclusively { (engine, commit) throws(DiskQueueError) in
      commit.metadata.forget()
      try engine.sync(&commit)
    }
  }
}
