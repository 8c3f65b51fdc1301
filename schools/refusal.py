"""What every refusal of the domain is: why something cannot be, and how to mend it, in both languages."""


class Refusal(Exception):
    """Carries `message_th` and `message_en`; a page says one of them (schools.language), the API both.

    A subclass that always says the same has its two messages on the class. Where it likes it also carries `status`
    (of HTTP), `code` (a word for programs) and `field` (which answer to mend): dropout.problems reads them.
    """

    message_th = ""
    message_en = ""

    def __init__(self, message_th: str = "", message_en: str = ""):
        self.message_th = message_th or self.message_th
        self.message_en = message_en or self.message_en
        super().__init__(self.message_en)
