"""The columns a child list may have: their names on our template and every other way they are known to be headed.

Pure data. Spellings are compared by thaitext.header_key, so brackets, spaces, case and digits do not matter.
Sources: the issue's template, THAI_RULES §11 (DMC and ONEC exports) and §12 (habits).
"""

from schools.thaitext import header_key

# key → the canonical name, in the template's order; the names appear in every report of an import.
CANONICAL = {
    "identifier": "เลขประจำตัวประชาชน",
    "title": "คำนำหน้า",
    "first_name": "ชื่อ",
    "last_name": "นามสกุล",
    "birth_date": "วันเกิด",
    "category": "ประเภท",
    "school_code": "รหัสสถานศึกษา",
    "school_name": "ชื่อสถานศึกษา",
    "grade": "ชั้นล่าสุด",
    "tambon": "ตำบล",
    "amphoe": "อำเภอ",
    "province": "จังหวัด",
    "affiliation": "สังกัด",
    "no_id_reason": "เหตุผลที่ไม่มีเลข",
    "visit_date": "วันที่ติดตาม",
    "result": "ผลการติดตาม",
    "cause": "สถานะ/สาเหตุ",
    "wish": "ความประสงค์",
    "returned": "กลับเข้าเรียน",
    # not on the template, but read where they stand
    "full_name": "ชื่อ-สกุล",
    "sex": "เพศ",
    "guardian": "ผู้ปกครอง",
    "phone": "โทรศัพท์",
    "house_no": "บ้านเลขที่",
    "moo": "หมู่ที่",
}
TEMPLATE = tuple(list(CANONICAL)[:19])
# Columns that are known and say nothing the system keeps; "" says nothing worth a notice either.
ORDINAL, NOTE = "ordinal", "note"

_SPELLINGS = {
    "identifier": "เลขประจำตัวประชาชน|เลขประจำตัวประชาชน 13 หลัก|เลขบัตรประชาชน|เลขบัตรประจำตัวประชาชน|เลขที่บัตรประชาชน"
    "|หมายเลขบัตรประชาชน|หมายเลขประจำตัวประชาชน|เลขประชาชน|บัตรประชาชน|เลข 13 หลัก|เลขประจำตัว 13 หลัก|เลขประจำตัว"
    "|เลขประจำตัวนักเรียน 13 หลัก|เลขประจำตัวบุคคล|รหัสประจำตัวประชาชน|รหัส G|PersonID|Person ID|National ID|NationalID"
    "|Citizen ID|CitizenID|ID card|CID|PID|PersonID_Onec|IDCard|ID number|identifier|national_id|PersonalID",
    "title": "คำนำหน้า|คำนำหน้าชื่อ|คำนำหน้านาม|Title|Prefix|PrefixName|Prefix name|PrefixNameThai|PrefixTH",
    "first_name": "ชื่อ|ชื่อตัว|ชื่อเด็ก|ชื่อนักเรียน|ชื่อจริง|ชื่อภาษาไทย|First name|FirstName|FirstNameThai|Name|Given name"
    "|FirstName_TH|FirstName_Onec|FName|first_name|FirstNameTH",
    "last_name": "นามสกุล|สกุล|นามสกุลเด็ก|นามสกุลภาษาไทย|Last name|LastName|LastNameThai|Surname|Family name"
    "|LName|last_name|LastName_Onec|LastNameTH",
    "full_name": "ชื่อ-สกุล|ชื่อ - นามสกุล|ชื่อและนามสกุล|ชื่อ นามสกุล|ชื่อ สกุล|ชื่อ-ชื่อสกุล|ชื่อ-นามสกุลเด็ก|ชื่อ-สกุลเด็ก"
    "|ชื่อ-สกุลนักเรียน|ชื่อ-นามสกุลนักเรียน|ชื่อ-นามสกุล นักเรียน|ชื่อตัว-ชื่อสกุล|ชื่อตัว ชื่อสกุล|คำนำหน้า ชื่อ-สกุล|คำนำหน้าชื่อ-สกุล"
    "|คำนำหน้า ชื่อ นามสกุล|คำนำหน้าชื่อ ชื่อ-สกุล|รายชื่อ|รายชื่อนักเรียน|รายชื่อเด็ก|Fullname|Full name|Fullname_Onec|FullNameThai"
    "|Student name|Child name|full_name",
    "birth_date": "วันเกิด|วันเดือนปีเกิด|วัน/เดือน/ปีเกิด|วัน เดือน ปี เกิด|ว/ด/ป เกิด|ว.ด.ป. เกิด|ว/ด/ป ที่เกิด|วดป.เกิด|วันที่เกิด"
    "|เกิดวันที่|ปีเกิด|พ.ศ. เกิด|BirthDate|Birth date|Date of birth|DOB|Birthday|BirthDate_Onec|birth_date",
    "category": "ประเภท|ประเภทเด็ก|ประเภทของเด็ก|กลุ่มเด็ก|ประเภทนักเรียน|ตกหล่น/ออกกลางคัน|Category|Type|Child type",
    "school_code": "รหัสสถานศึกษา|รหัสโรงเรียน|รหัส ร.ร.|รหัสสถานศึกษา 10 หลัก|รหัสสถานศึกษา 8 หลัก|รหัสโรงเรียน 8 หลัก"
    "|รหัสโรงเรียน 10 หลัก|รหัส SMIS|SMIS|SMIS code|SchoolID|School ID|School code|SchoolCode|SchoolID_Onec|school_code",
    "school_name": "ชื่อสถานศึกษา|สถานศึกษา|ชื่อโรงเรียน|โรงเรียน|โรงเรียนเดิม|สถานศึกษาเดิม|ชื่อโรงเรียนเดิม|ชื่อสถานศึกษาเดิม"
    "|โรงเรียนล่าสุด|สถานศึกษาล่าสุด|สถานศึกษาสุดท้าย|สถานศึกษาที่เคยเรียน|SchoolName|School name|School|SchoolName_Onec"
    "|school_name|SchoolNameThai",
    "grade": "ชั้นล่าสุด|ชั้น|ระดับชั้น|ชั้นเรียน|ชั้นปี|ชั้นสุดท้าย|ระดับชั้นล่าสุด|ระดับชั้นสุดท้าย|ชั้นที่ออก|จบชั้น|ระดับการศึกษา|Grade"
    "|GradeLevel|GradeLevelID|Grade level|Class|Last grade|GradeLevelID_Onec|last_grade|GradeLevelName",
    "tambon": "ตำบล|ตำบล/แขวง|แขวง/ตำบล|แขวง|ต.|ชื่อตำบล|Tambon|Subdistrict|Sub-district|SubDistrictNameThai"
    "|SubDistrictNameThai_Onec|SubDistrictName|SubDistrict",
    "amphoe": "อำเภอ|อำเภอ/เขต|เขต/อำเภอ|เขต|อ.|ชื่ออำเภอ|Amphoe|Amphur|District|DistrictNameThai|DistrictNameThai_Onec"
    "|DistrictName",
    "province": "จังหวัด|จ.|ชื่อจังหวัด|Province|ProvinceNameThai|ProvinceNameThai_Onec|ProvinceName|Changwat",
    "affiliation": "สังกัด|หน่วยงาน|หน่วยงานต้นสังกัด|ต้นสังกัด|ส่วนราชการ|Affiliation|Department|DepartmentName|Dept",
    "no_id_reason": "เหตุผลที่ไม่มีเลข|เหตุผลที่ไม่มีเลขประจำตัวประชาชน|สาเหตุที่ไม่มีเลข|เหตุผลไม่มีเลข|No ID reason|no_id_reason",
    "visit_date": "วันที่ติดตาม|วันที่เยี่ยมบ้าน|วันที่เยี่ยม|วันติดตาม|วันที่ออกติดตาม|วันที่ลงพื้นที่|ติดตามเมื่อ|Visit date|Follow-up date"
    "|visit_date",
    "result": "ผลการติดตาม|ผลติดตาม|ผลการค้นหา|พบตัว/ไม่พบตัว|พบ/ไม่พบ"
    "|ผลการติดตามค้นหา|สถานะการติดตาม|ผลการเยี่ยมบ้าน|Result|Finding"
    "|Follow-up result",
    "cause": "สถานะ/สาเหตุ|สาเหตุ|สาเหตุที่ออก|สาเหตุการออก|สาเหตุที่ออกกลางคัน|สาเหตุการออกกลางคัน|สถานะ|สภาพปัญหา|สาเหตุที่ไม่เรียน"
    "|สาเหตุที่หลุดจากระบบ|สาเหตุที่หลุดออกจากระบบ|Cause|Reason|StatusCodeCause|StatusCodeCause_Onec|Status/cause|Outcome",
    "wish": "ความประสงค์|ความต้องการ|ความต้องการเรียนต่อ|ประสงค์|ความประสงค์เรียนต่อ|ความประสงค์กลับเข้าเรียน|ความประสงค์ในการเรียนต่อ"
    "|ความประสงค์ของเด็ก|Wish|Wishes",
    "returned": "กลับเข้าเรียน|การกลับเข้าเรียน|กลับเข้าเรียนแล้ว|กลับเข้าระบบ|กลับเข้าสู่ระบบ|นำกลับเข้าเรียน|ผลการกลับเข้าเรียน|Returned"
    "|Back in school",
    "sex": "เพศ|Sex|Gender|GenderID|Gender_Onec",
    "guardian": "ผู้ปกครอง|ชื่อผู้ปกครอง|ชื่อ-สกุลผู้ปกครอง|ชื่อ-นามสกุลผู้ปกครอง|Guardian|Parent|Guardian name",
    "phone": "โทรศัพท์|เบอร์โทร|เบอร์โทรศัพท์|โทร.|โทร|หมายเลขโทรศัพท์|เบอร์ผู้ปกครอง|เบอร์โทรผู้ปกครอง|เบอร์ติดต่อ|Phone|Telephone|Tel",
    "house_no": "บ้านเลขที่|เลขที่บ้าน|เลขที่|ที่อยู่เลขที่|HouseNumber|House no|HouseNumber_Onec|House number",
    "moo": "หมู่|หมู่ที่|ม.|Moo|VillageNumber|VillageNumber_Onec|Village no",
    ORDINAL: "ที่|ลำดับ|ลำดับที่|ลำดับ ที่|No|No.|Seq|Order",
    NOTE: "หมายเหตุ|อื่น ๆ|ข้อมูลเพิ่มเติม|Remark|Remarks|Note|Notes|เขตพื้นที่|เขตพื้นที่การศึกษา|สพท.|อายุ|Age",
}
BY_SPELLING = {
    header_key(spelling): key for key, spellings in _SPELLINGS.items() for spelling in spellings.split("|")
} | {header_key(name): key for key, name in CANONICAL.items()}

# Below a group heading a leaf may be a bare word: "สถานศึกษาเดิม › รหัส" (X22).
GROUPS = {
    "school": ("สถานศึกษา", "โรงเรียน", "school"),
    "visit": ("ติดตาม", "เยี่ยม", "visit", "followup"),
    "child": ("เด็ก", "นักเรียน", "ผู้เรียน", "student", "child"),
    "guardian": ("ผู้ปกครอง", "guardian", "parent"),
}
IN_GROUP = {
    ("school", header_key("รหัส")): "school_code",
    ("school", header_key("code")): "school_code",
    ("school", header_key("ชื่อ")): "school_name",
    ("school", header_key("name")): "school_name",
    ("school", header_key("ชั้น")): "grade",
    ("visit", header_key("วันที่")): "visit_date",
    ("visit", header_key("date")): "visit_date",
    ("visit", header_key("ผล")): "result",
    ("visit", header_key("result")): "result",
    ("child", header_key("คำนำหน้า")): "title",
    ("guardian", header_key("ชื่อ")): "guardian",
    ("guardian", header_key("ชื่อ-สกุล")): "guardian",
    ("guardian", header_key("โทร")): "phone",
}


def canonical_of(path: tuple[str, ...]) -> str | None:
    """The column that a heading means, given its cells from the group heading down to the leaf; None if unknown.

    The whole path is tried joined, then the leaf within its group, then the leaf by itself, then a group by itself
    whose rows below are blank.
    """
    keys = [header_key(part) for part in path]
    keys = [key for at, key in enumerate(keys) if key and key not in keys[:at]]
    if not keys:
        return None
    if found := BY_SPELLING.get("".join(keys)):
        return found
    for above in reversed(keys[:-1]):
        for group, words in GROUPS.items():
            if any(word in above for word in words) and (group, keys[-1]) in IN_GROUP:
                return IN_GROUP[group, keys[-1]]
    return BY_SPELLING.get(keys[-1])
