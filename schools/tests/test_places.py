import pytest

from schools.models import Amphoe, Tambon
from schools.places import BadPlace, Place, Places

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return Places.load()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("กาฬสินธุ์", "กุฉินารายณ์", "บัวขาว"), (46, 4605, 460501)),
        (("จ.กาฬสินธุ์", "อ.กุฉินารายณ์", "ต.บัวขาว"), (46, 4605, 460501)),
        (("จังหวัด กาฬสินธุ์", "อำเภอ กุฉินารายณ์", "ตำบลบัวขาว"), (46, 4605, 460501)),
        (("กาฬสินธุ", "กุฉินารายณ", "บัวขาว"), (46, 4605, 460501)),  # thanthakhat lost
        (("", "กุฉินารายณ์", ""), (46, 4605, None)),  # its name stands once in the country
        (("", "นางรอง", ""), (31, 3104, None)),  # not the title นาง and รอง
        (("กทม.", "เขตพระนคร", "แขวงวัดราชบพิธ"), (10, 1001, 100103)),
        (("กส", "อ.เมือง", ""), (46, 4601, None)),
        (("๔๖", "4605", ""), (46, 4605, None)),
        (("กาฬสินธุ์", "", "บัวขาว"), (46, 4605, 460501)),
        (("ปัตตานี", "", ""), (94, None, None)),
        (("", "", ""), (None, None, None)),
        (("ระนอง", "เมืองระนอง", "จ.ป.ร."), None),
        (("ระนอง", "กระบุรี", "ต.จ.ป.ร."), (85, 8504, None)),
    ],
)
def test_a_place_is_found_as_people_write_it(places, asked, found):
    answer = places.find(*asked)
    if found is None:
        assert isinstance(answer, BadPlace)
        return
    assert isinstance(answer, Place)
    assert (answer.province_id, answer.amphoe_id) == found[:2]
    if found[2] is not None or not asked[2]:
        assert answer.tambon_id == found[2]
    else:
        assert Tambon.objects.get(pk=answer.tambon_id).name_th == "จ.ป.ร."


def test_an_amphoe_of_five_provinces_needs_its_province_or_its_tambon(places):
    answer = places.find("", "เฉลิมพระเกียรติ", "")
    assert isinstance(answer, BadPlace)
    assert len(answer.candidates) == 5
    assert places.find("นครราชสีมา", "เฉลิมพระเกียรติ").amphoe_id == 3032
    tambon = Tambon.objects.get(amphoe=3032, name_th="ท่าช้าง")
    settled = places.find("", "เฉลิมพระเกียรติ", tambon.name_th)
    assert isinstance(settled, BadPlace) or settled.tambon_id == tambon.pk


def test_an_amphoe_of_another_province_is_refused_with_where_it_is(places):
    answer = places.find("ขอนแก่น", "กุฉินารายณ์", "")
    assert answer == BadPlace("อำเภอ", "กุฉินารายณ์", ("อ.กุฉินารายณ์ จ.กาฬสินธุ์",))


def test_a_misspelt_name_is_refused_with_its_nearest(places):
    answer = places.find("ขอนแก่น", "พระยีน", "")  # the misprint of seed 002
    assert answer.candidates == ("อ.พระยืน จ.ขอนแก่น",)
    assert "พระยืน" in answer.message_th
    assert "พระยืน" in answer.message_en


@pytest.mark.parametrize("text", ["x" * 100_000, "\x00", "🙂", "' OR 1=1", "999999999999999999999", "-1", "๙" * 50])
def test_hostile_names_are_refused_quickly_and_shortened(places, text):
    for asked in ((text, "", ""), ("กาฬสินธุ์", text, ""), ("กาฬสินธุ์", "กุฉินารายณ์", text)):
        answer = places.find(*asked)
        assert isinstance(answer, BadPlace)
        assert len(answer.text) <= 80


def test_every_place_of_the_country_is_found_by_its_three_names_without_a_query(places, django_assert_num_queries):
    rows = list(Tambon.objects.values_list("id", "name_th", "amphoe__name_th", "amphoe__province__name_th"))
    with django_assert_num_queries(0):
        wrong = [
            row for row in rows if places.find(row[3], row[2], row[1]) != Place(row[0] // 10_000, row[0] // 100, row[0])
        ]
    assert wrong == []


def test_loading_takes_three_queries(django_assert_num_queries):
    with django_assert_num_queries(3):
        Places.load()


def test_distinct_spellings_remembered_are_bounded(places, monkeypatch):
    monkeypatch.setattr("schools.places._MEMORY", 10)
    for number in range(50):
        places.find(f"จังหวัดที่ {number}", "", "")
    assert len(places._seen) <= 10


def test_amphoes_share_no_loose_name_inside_a_province(places):
    wrong = [
        row
        for row in Amphoe.objects.select_related("province")
        if places.find(row.province.name_th, row.name_th).amphoe_id != row.pk
    ]
    assert wrong == []
