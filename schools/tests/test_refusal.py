from schools.refusal import Refusal


class Closed(Refusal):
    message_th, message_en = "ปิดแล้ว", "Closed."


def test_a_refusal_carries_both_messages_and_logs_the_english_one():
    refusal = Refusal("ทำไม่ได้", "Cannot be.")
    assert (refusal.message_th, refusal.message_en, str(refusal)) == ("ทำไม่ได้", "Cannot be.", "Cannot be.")


def test_a_refusal_that_always_says_the_same_has_its_words_on_the_class():
    assert (Closed().message_th, Closed().message_en, str(Closed())) == ("ปิดแล้ว", "Closed.", "Closed.")
    assert Closed("ยุบแล้ว", "Merged.").message_th == "ยุบแล้ว"
