import DiskQueue
import DiskQueueTesting
import QueueConsole
import QueueInspection
import QueueOperations
import SystemPackage
import Testing

@Suite struct UpdateTests {
  private static let acts: [(Key, Plan.Kind)] = [
    (.character("i"), .inject), (.character("D"), .drain), (.character("X"), .empty),
    (.character("P"), .repair), (.character("S"), .skip), (.character("u"), .undo),
  ]

  @Test(arguments: acts)
  func `a locked console cannot even ask for a plan`(key: Key, kind: Plan.Kind) throws {
    var model = try Sample.model()
    #expect(model.press(key).isEmpty)
    #expect(model.overlay == nil)
    #expect(model.message.contains("read-only"))
  }

  @Test(arguments: acts)
  func `a queue somebody owns is refused by name`(key: Key, kind: Plan.Kind) throws {
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    model.press(.end)
    while model.target?.name.description != "users" { model.press(.up) }
    #expect(model.press(key).isEmpty)
    #expect(model.message.contains("nsqd 2211"))
  }

  private static func confirming(_ kind: Plan.Kind) throws -> (Model, PlanRequest, Plan) {
    let request = PlanRequest(kind, try QueueName("orders:billing"))
    let plan = Plan.sample(request)
    var model = try Sample.model()
    model.planned([plan], request)
    return (model, request, plan)
  }

  @Test(arguments: Plan.Kind.allCases.filter { $0 != .inject })
  func `only the queue's name applies a plan`(kind: Plan.Kind) throws {
    for typed in ["", "y", "orders:billin", "orders:billings", "ORDERS:BILLING", "orders"] {
      var (model, _, _) = try Self.confirming(kind)
      model.type(typed)
      #expect(model.press(.enter).isEmpty)
    }
    var (model, request, plan) = try Self.confirming(kind)
    model.type("orders:billing")
    #expect(try model.press(.enter).jobs == [.apply(Plan.confirm([plan], by: .yes), request)])
  }

  @Test func `several queues are applied by the act and their number`() throws {
    let names = try ["audit", "orders:billing"].map { try QueueName($0) }
    let request = PlanRequest(.empty, names)
    let plans = names.map { Plan.sample(request, $0) }
    for (typed, applies) in [
      ("audit", false), ("2", false), ("empty 3", false), ("empty 2", true),
    ] {
      var model = try Sample.model()
      model.planned(plans, request)
      model.type(typed)
      #expect(
        try model.press(.enter).jobs
          == (applies ? [.apply(Plan.confirm(plans, by: .yes), request)] : []))
    }
  }

  @Test func `an inject wants a yes, and anything else is a no`() throws {
    for key in [Key.enter, .escape, .character("n"), .character("q"), .character(" ")] {
      var (model, _, _) = try Self.confirming(.inject)
      #expect(model.press(key).isEmpty)
      #expect(model.overlay == nil)
    }
    var (model, request, plan) = try Self.confirming(.inject)
    #expect(
      try model.press(.character("y")).jobs == [.apply(Plan.confirm([plan], by: .yes), request)])
  }

  @Test func `a plan that comes after its dialog was left is dropped`() throws {
    let request = PlanRequest(.empty, try QueueName("orders:billing"))
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    model.press(.character("X"))
    model.press(.escape)
    model.tell(.planned([Plan.sample(request)], request))
    #expect(model.overlay == nil)
  }

  /// No screen, key or line leads to a change but through a plan that was confirmed.
  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `no storm of keys applies anything that was not planned and confirmed`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let keys = KeyMap.standard.flatMap(\.keys) + ["y", "n"].map { Key.character($0) }
    var model = try Sample.model()
    _ = model.update(.writing(unlocked: true))
    for _ in 0..<600 {
      guard let key = keys.randomElement(using: &random) else { continue }
      for effect in model.update(.key(key)) {
        guard case .start(let id, let work) = effect else { continue }
        if case .apply = work { Issue.record("applied after \(key)") }
        // Some plans come back: nothing but its phrase may apply one.
        if case .plan(let request) = work, request.kind != .inject {
          let plans = request.queues.map { Plan.sample(request, $0) }
          _ = model.update(.job(id, .planned(plans, request)))
        } else {
          _ = model.update(.job(id, .failed(DiskQueueError(.refused, "cancelled"))))
        }
      }
    }
  }

  @Test func `unlocking asks first and is asked of the core`() throws {
    var model = try Sample.model()
    model.press(.character("W"))
    #expect(model.press(.character("n")).isEmpty)
    #expect(!model.unlocked)
    model.press(.character("W"))
    #expect(model.press(.character("y")) == [.unlock])
    #expect(!model.unlocked)
    _ = model.update(.writing(unlocked: true))
    #expect(model.unlocked)
    #expect(model.press(.character("W")) == [.lock])
  }

  @Test func `the cursor stays on its queue when the order changes`() throws {
    var model = try Sample.model()
    model.press(.end)
    let name = model.selected
    for _ in 0..<Model.Order.allCases.count {
      model.press(.character("o"))
      #expect(model.selected == name)
    }
    model.press(.character("I"))
    #expect(model.selected == name)
    _ = model.update(.surveyed(try Sample.report(later: true), changed: nil))
    #expect(model.selected == name)
  }

  @Test(arguments: [
    ("", 5), ("orders", 1), ("!orders", 4), ("AUDIT", 1), ("!", 5), ("nothing like it", 0),
  ])
  func `the filter shows what has the word and with a mark what has not`(word: String, count: Int)
    throws
  {
    var model = try Sample.model()
    model.press(.character("/"))
    model.type(word)
    #expect(model.visible.count == count)
    model.press(.enter)
    #expect(model.filter == word)
    model.press(.character("/"), .escape)
    #expect(model.visible.count == 5)
  }

  @Test func `a change a second comes from two looks`() throws {
    let model = try Sample.model()
    #expect(model.perSecond(try QueueName("orders:billing")) == 4)
    #expect(model.perSecond(try QueueName("audit")) == 0)
  }

  @Test func `looks do not pile up, and a pause stops them`() throws {
    var model = try Sample.model()
    let time = Sample.start
    #expect(model.update(.tick(time)) == [.refresh])
    #expect(model.update(.tick(time)).isEmpty)
    _ = model.update(.surveyed(try Sample.report(), changed: nil))
    model.press(.character("z"))
    #expect(model.update(.tick(time)).isEmpty)
    model.press(.character("z"))
    #expect(model.update(.tick(time)) == [.refresh])
  }

  @Test func `the interval stays between its bounds`() throws {
    var model = try Sample.model()
    for _ in 0..<20 { model.press(.character("-")) }
    #expect(model.interval == 0.1)
    for _ in 0..<20 { model.press(.character("+")) }
    #expect(model.interval == 60)
  }

  @Test func `leaving: back first, then out; a signal always`() throws {
    var model = try Sample.model()
    model.press(.enter)
    #expect(model.press(.character("q")).isEmpty)
    #expect(model.screen == .list)
    #expect(model.press(.character("q")) == [.quit])
    #expect(model.press(.character("Q")) == [.quit])
    #expect(model.press(.control("c")).isEmpty)
    #expect(model.press(.character("y")) == [.quit])
    model.press(.character("?"))
    #expect(model.update(.terminate) == [.quit])
  }

  @Test func `a running job goes on beside the screen until it is cancelled`() throws {
    var (model, _, _) = try Self.confirming(.drain)
    model.type("orders:billing")
    model.press(.enter)
    #expect(model.job != nil)
    model.press(.down, .enter)
    #expect(model.screen.page == .summary)
    _ = model.update(.writing(unlocked: true))
    #expect(model.press(.character("X")).isEmpty)
    #expect(model.press(.character("c")).isEmpty)
    #expect(model.press(.character("Q")).isEmpty)
    #expect(model.overlay == .quit)
    model.press(.escape)
    let id = try #require(model.job?.id)
    #expect(model.press(.control("c")) == [.cancel(id)])
  }

  @Test func `a queue that goes while its page is open leads back to the list`() throws {
    var model = try Sample.model()
    model.press(.enter)
    var report = try Sample.report()
    report.queues.removeAll { $0.name == model.selected }
    _ = model.update(.surveyed(report, changed: nil))
    #expect(model.screen == .list)
    #expect(model.selected != nil)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `no storm of keys and sizes breaks the model or the screen`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let keys =
      KeyMap.standard.flatMap(\.keys)
      + ["y", "n", "a", "\u{301}", "世", " "].map { Key.character($0) }
    var model = try Sample.browsing()
    let queue = try QueueName("orders:billing")
    for step in 0..<1000 {
      if step % 7 == 0 {
        _ = model.update(
          .resized(
            columns: Int.random(in: 0...130, using: &random),
            rows: Int.random(in: 0...45, using: &random)))
      }
      if step % 50 == 0 {
        _ = model.update(.surveyed(try Sample.report(later: step % 100 == 0), changed: nil))
      }
      guard let key = keys.randomElement(using: &random) else { continue }
      for effect in model.update(.key(key)) {
        switch effect {
        case .browse(queue, let anchor, _):
          _ = model.update(.browsed(queue, anchor, Sample.page()))
        case .open(queue, let place):
          let message = Sample.messages().first { $0.position == place }
          _ = model.update(.opened(queue, message))
        case .start(let id, .find):
          let place = Bool.random() ? nil : Sample.messages()[2].position
          _ = model.update(.job(id, .found(queue, place)))
        case .start(let id, _):
          _ = model.update(.job(id, .failed(DiskQueueError(.refused, "cancelled"))))
        default: break
        }
      }
      let frame = Screen.draw(model)
      #expect(frame.cells.count == model.columns * model.rows)
      if let cursor = frame.cursor {
        #expect(cursor.row < max(1, model.rows) && cursor.column < max(1, model.columns))
      }
    }
  }
}

@Suite struct KeyMapTests {
  @Test func `every command has a key, and no key has two`() {
    let keys = KeyMap.standard.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    #expect(Set(KeyMap.standard.map(\.command)) == Set(Command.allCases))
  }

  @Test func `no control key acts`() {
    for binding in KeyMap.standard where binding.group == .act {
      #expect(!binding.keys.contains { if case .control = $0 { true } else { false } })
    }
  }
}
