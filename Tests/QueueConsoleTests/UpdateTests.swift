import DiskQueue
import QueueConsole
import SystemPackage
import Testing

@Suite struct UpdateTests {
  private static let acts: [(Key, Plan.Kind)] = [
    (.character("i"), .inject), (.character("D"), .drain), (.character("X"), .empty),
    (.character("P"), .repair),
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

  @Test(arguments: [Plan.Kind.drain, .empty, .repair])
  func `only the queue's name applies a plan`(kind: Plan.Kind) throws {
    let request = PlanRequest(kind, try QueueName("orders:billing"), path: "/tmp/out")
    let plan = Plan.sample(request)
    for typed in ["", "y", "orders:billin", "orders:billings", "ORDERS:BILLING", "orders"] {
      var model = try Sample.model()
      model.overlay = .planning(request)
      _ = model.update(.planned(plan, request))
      model.type(typed)
      #expect(model.press(.enter).isEmpty)
    }
    var model = try Sample.model()
    model.overlay = .planning(request)
    _ = model.update(.planned(plan, request))
    model.type("orders:billing")
    #expect(model.press(.enter) == [.apply(plan, request)])
  }

  @Test func `an inject wants a yes, and anything else is a no`() throws {
    let request = PlanRequest(.inject, try QueueName("orders:billing"), text: "hello")
    let plan = Plan.sample(request)
    for key in [Key.enter, .escape, .character("n"), .character("q"), .character(" ")] {
      var model = try Sample.model()
      model.overlay = .planning(request)
      _ = model.update(.planned(plan, request))
      #expect(model.press(key).isEmpty)
      #expect(model.overlay == nil)
    }
    var model = try Sample.model()
    model.overlay = .planning(request)
    _ = model.update(.planned(plan, request))
    #expect(model.press(.character("y")) == [.apply(plan, request)])
  }

  @Test func `a plan that comes after its dialog was left is dropped`() throws {
    let request = PlanRequest(.empty, try QueueName("orders:billing"))
    var model = try Sample.model()
    model.overlay = .planning(request)
    model.press(.escape)
    _ = model.update(.planned(Plan.sample(request), request))
    #expect(model.overlay == nil)
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
    _ = model.update(.surveyed(try Sample.report(later: true)))
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
    _ = model.update(.surveyed(try Sample.report()))
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
    #expect(model.update(.terminate) == [.cancelJob, .quit])
  }

  @Test func `a running job is cancelled, not abandoned`() throws {
    let request = PlanRequest(.drain, try QueueName("orders:billing"), path: "/tmp/out")
    var model = try Sample.model()
    model.overlay = .running(Plan.sample(request), done: 0)
    #expect(model.press(.escape).isEmpty)
    #expect(model.press(.character("q")).isEmpty)
    #expect(model.press(.control("c")) == [.cancelJob])
  }

  @Test func `a queue that goes while its page is open leads back to the list`() throws {
    var model = try Sample.model()
    model.press(.enter)
    var report = try Sample.report()
    report.queues.removeAll { $0.name == model.selected }
    _ = model.update(.surveyed(report))
    #expect(model.screen == .list)
    #expect(model.selected != nil)
  }

  @Test func `no storm of keys and sizes breaks the model or the screen`() throws {
    var random = SystemRandomNumberGenerator()
    let keys =
      KeyMap.standard.flatMap(\.keys)
      + ["y", "n", "a", "\u{301}", "世", " "].map { Key.character($0) }
    var model = try Sample.model()
    for step in 0..<3000 {
      if step % 7 == 0 {
        _ = model.update(
          .resized(
            columns: Int.random(in: 0...130, using: &random),
            rows: Int.random(in: 0...45, using: &random)))
      }
      if step % 50 == 0 { _ = model.update(.surveyed(try Sample.report(later: step % 100 == 0))) }
      if let key = keys.randomElement(using: &random) { _ = model.update(.key(key)) }
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
