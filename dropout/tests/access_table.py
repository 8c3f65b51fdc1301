"""What every route answers to every role: the expected answers of the walk in test_access.py, typed by hand.

Nothing here is computed from schools.scope or schools.roles: it is what they are judged by. A line is a route, a
method, the relation(s) of what is asked for, and the status for each role in the order of ROLES. The `?` of a line's
relation is explained in RELATIONS. A route without a line, or a line without a route, fails; so does a deed of the
common page `cases:act`, which is written `cases:act=<action>`.
"""

from typing import NamedTuple

from dropout.tests.access_table_acts import ACTS_API, REQUESTS_API

ROLES = (
    "teacher",  # school:46990001, which is "own" for everybody below
    "director",  # the same school
    "district",  # district:P4603, in which own and sister lie
    "province",  # province:46, in which all lie but other_province
    "department",  # department:obec, of which all are but college
    "ministry",  # nation; sees no names
    "partner",  # partner:eef; was referred the case of own; that of sister, too, but answered it for good
    "auditor",  # nation; sees no names
    "admin",  # nation; administers people
    "charlie",  # active, posted nowhere
    "former",  # director of the own school until yesterday and again from tomorrow
    "nobody",  # not logged in
)

RELATIONS = """
own             the case, school or job of school:46990001
sister          of another school of the same district
other_district  of a school of another district of the same province (for export and unit routes: the school)
secondary       of a secondary school: same province and department, another line of districts
college         of a college: same province, another department
other_province  of a school of another province, same department
received        the case of a secondary school whose child is to return to the own school
missing         there is no such thing
mine            the person's own job, whether their role of today could have asked for it or not
colleague       the job of somebody of the same role in the same unit
their_*         the job of somebody of another unit
post_*          the posting of an officer of that place's unit (for posting routes a place alone: of a teacher there)
unit_*          a unit above schools: its own district, province, …
id_*            a search by the national ID of that place's child
in_*            a list narrowed by its filter to that place's school
behind_*        the children behind a figure of that place's school
-               nothing in particular
"""

# Which places' marks each role may read, whatever the route. Names, addresses, telephones, notes, pictures, numbers:
NAMED = {
    "teacher": {"own"},
    "director": {"own"},
    "district": {"own", "sister"},
    "province": {"own", "sister", "other_district", "secondary", "college"},
    "department": {"own", "sister", "other_district", "secondary", "other_province"},
}
# … case numbers:
LISTED = NAMED | {
    "ministry": {"own", "sister", "other_district", "secondary", "college", "other_province"},
    "auditor": {"own", "sister", "other_district", "secondary", "college", "other_province"},
}
# … and a partner the number of the case that is referred to it now, with what was shared: here nothing of a person
LISTED["partner"] = {"own"}
# … which places' cases a role may write to beside those whose names it sees: by its answer
ANSWERED = {"partner": {"own"}}
# … who worked there and why they looked:
STAFF = NAMED | {
    "auditor": {"own", "sister", "other_district", "secondary", "college", "other_province"},
    "admin": {"own", "sister", "other_district", "secondary", "college", "other_province"},  # administers all people
    "ministry": {"other_province"},  # whose officer is a province's: the ministry administers those
}
# … lists brought in and files asked for by the people of a place:
JOBS = {"director": {"own"}}
# … and by whom else beside oneself: of one's own office
OFFICE = {
    "director": {"teacher", "director", "charlie", "former"},
    "district": {"district"},
    "province": {"province"},
    "department": {"department"},
    "ministry": {"ministry", "auditor", "admin"},
}

# What is written of a case one may not see, and why.
WRITES_ELSEWHERE = {"api:child_ask": "a word to those who have the child: who asks learns neither case nor unit"}

# Answers in which a whole national ID may stand; everywhere else none may, of anybody.
WHOLE_NUMBERS = {
    ("cases:reveal", "POST"): "it was asked for with a reason",
    ("cases:import_file", "GET"): "the importer's own cells, given back for mending",
    ("cases:import_template", "GET"): "two examples that nobody can have",
}

CASES = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
cases:case_detail     GET   own                                  200 200 200 200 200 200 404 200 404 404 404 302
cases:case_detail     GET   sister                               404 404 200 200 200 200 404 200 404 404 404 302
cases:case_detail     GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 302
cases:case_detail     GET   college                              404 404 404 200 404 200 404 200 404 404 404 302
cases:case_detail     GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 302
cases:case_detail     GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:case_detail     POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:desk            GET   -                                    404 200 200 200 200 200 404 404 404 404 404 302
cases:desk            POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:desk_route      POST  -                                    403 403 302 302 302 403 403 403 403 403 403 302
cases:desk_route      GET   -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:desk_undo       POST  -                                    403 403 302 302 302 403 403 403 403 403 403 302
cases:desk_undo       GET   -                                    405 405 405 405 405 405 405 405 405 405 405 302

cases:visit_new       GET   own                                  200 200 200 403 403 403 404 403 404 404 404 302
cases:visit_new       GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:visit_new       GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:visit_new       GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:visit_new       GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:visit_new       GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:visit_new       POST  own                                  302 302 302 403 403 403 404 403 404 404 404 302
cases:visit_new       POST  sister                               404 404 302 403 403 403 404 403 404 404 404 302
cases:visit_new       POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:visit_new       POST  college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:visit_new       POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:visit_new       POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:visit_new       PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:enrolment_new   GET   own                                  200 200 200 403 403 403 404 403 404 404 404 302
cases:enrolment_new   GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:enrolment_new   GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:enrolment_new   GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:enrolment_new   GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:enrolment_new   GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:enrolment_new   POST  own                                  302 302 302 403 403 403 404 403 404 404 404 302
cases:enrolment_new   POST  sister                               404 404 302 403 403 403 404 403 404 404 404 302
cases:enrolment_new   POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:enrolment_new   POST  college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:enrolment_new   POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:enrolment_new   POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:enrolment_new   PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:assign          GET   own                                  403 403 200 200 200 403 404 403 404 404 404 302
cases:assign          GET   sister                               404 404 200 200 200 403 404 403 404 404 404 302
cases:assign          GET   other_district,secondary             404 404 404 200 200 403 404 403 404 404 404 302
cases:assign          GET   college                              404 404 404 200 404 403 404 403 404 404 404 302
cases:assign          GET   other_province                       404 404 404 404 200 403 404 403 404 404 404 302
cases:assign          GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:assign          POST  own                                  403 403 302 302 302 403 404 403 404 404 404 302
cases:assign          POST  sister                               404 404 302 302 302 403 404 403 404 404 404 302
cases:assign          POST  other_district,secondary             404 404 404 302 302 403 404 403 404 404 404 302
cases:assign          POST  college                              404 404 404 302 404 403 404 403 404 404 404 302
cases:assign          POST  other_province                       404 404 404 404 302 403 404 403 404 404 404 302
cases:assign          POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:assign          PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:name_teacher    GET   own                                  403 200 200 403 403 403 404 403 404 404 404 302
cases:name_teacher    GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:name_teacher    GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:name_teacher    GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:name_teacher    GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:name_teacher    GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:name_teacher    POST  own                                  403 302 302 403 403 403 404 403 404 404 404 302
cases:name_teacher    POST  sister                               404 404 302 403 403 403 404 403 404 404 404 302
cases:name_teacher    POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:name_teacher    POST  college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:name_teacher    POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:name_teacher    POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:name_teacher    PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:photo           GET   own                                  200 200 200 200 200 404 404 404 404 404 404 302
cases:photo           GET   sister                               404 404 200 200 200 404 404 404 404 404 404 302
cases:photo           GET   other_district,secondary             404 404 404 200 200 404 404 404 404 404 404 302
cases:photo           GET   college                              404 404 404 200 404 404 404 404 404 404 404 302
cases:photo           GET   other_province                       404 404 404 404 200 404 404 404 404 404 404 302
cases:photo           GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:photo           POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:reveal          GET   own                                  403 200 200 200 200 403 404 403 404 404 404 302
cases:reveal          GET   sister                               404 404 200 200 200 403 404 403 404 404 404 302
cases:reveal          GET   other_district,secondary             404 404 404 200 200 403 404 403 404 404 404 302
cases:reveal          GET   college                              404 404 404 200 404 403 404 403 404 404 404 302
cases:reveal          GET   other_province                       404 404 404 404 200 403 404 403 404 404 404 302
cases:reveal          GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:reveal          POST  own                                  403 200 200 200 200 403 404 403 404 404 404 302
cases:reveal          POST  sister                               404 404 200 200 200 403 404 403 404 404 404 302
cases:reveal          POST  other_district,secondary             404 404 404 200 200 403 404 403 404 404 404 302
cases:reveal          POST  college                              404 404 404 200 404 403 404 403 404 404 404 302
cases:reveal          POST  other_province                       404 404 404 404 200 403 404 403 404 404 404 302
cases:reveal          POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:reveal          PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:duplicate_detail GET  own                                  404 200 200 200 200 200 404 404 404 404 404 302
cases:duplicate_detail GET  sister                               404 404 200 200 200 200 404 404 404 404 404 302
cases:duplicate_detail GET  other_district,secondary             404 404 404 200 200 200 404 404 404 404 404 302
cases:duplicate_detail GET  college                              404 404 404 200 404 200 404 404 404 404 404 302
cases:duplicate_detail GET  other_province                       404 404 404 404 200 200 404 404 404 404 404 302
cases:duplicate_detail GET  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:duplicate_detail POST own                                  405 405 405 405 405 405 405 405 405 405 405 302
cases:duplicate_decide POST own                                  404 403 302 302 302 302 404 404 404 404 404 302
cases:duplicate_decide POST sister                               404 404 302 302 302 302 404 404 404 404 404 302
cases:duplicate_decide POST other_district,secondary             404 404 404 302 302 302 404 404 404 404 404 302
cases:duplicate_decide POST college                              404 404 404 302 404 302 404 404 404 404 404 302
cases:duplicate_decide POST other_province                       404 404 404 404 302 302 404 404 404 404 404 302
cases:duplicate_decide POST missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:duplicate_decide GET  own                                  405 405 405 405 405 405 405 405 405 405 405 302
cases:duplicate_list  GET   -                                    403 200 200 200 200 200 403 403 403 403 403 302
cases:duplicate_list  POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:report_child    GET   -                                    200 200 200 403 403 403 200 403 403 403 403 302
cases:report_child    POST  -                                    200 200 200 403 403 403 200 403 403 403 403 302
cases:report_child    PUT   -                                    405 405 405 405 405 405 405 405 405 405 405 302

cases:queue           GET   -                                    200 200 200 302 302 302 302 302 302 200 200 302
cases:queue           POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:case_list       GET   -                                    200 200 200 200 200 200 404 200 404 404 404 302
cases:case_list       GET   in_own,in_sister,in_other_district   200 200 200 200 200 200 404 200 404 404 404 302
cases:case_list       GET   in_secondary,in_college              200 200 200 200 200 200 404 200 404 404 404 302
cases:case_list       GET   in_other_province                    200 200 200 200 200 200 404 200 404 404 404 302
cases:case_list       POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:search          POST  id_own,id_sister,id_other_district   302 302 302 302 302 302 302 302 302 302 302 302
cases:search          POST  id_secondary,id_college              302 302 302 302 302 302 302 302 302 302 302 302
cases:search          POST  id_other_province,missing            302 302 302 302 302 302 302 302 302 302 302 302
cases:search          GET   -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:assign_many     POST  own,sister,other_district,secondary  403 403 302 302 302 403 403 403 403 403 403 302
cases:assign_many     POST  college,other_province,missing       403 403 302 302 302 403 403 403 403 403 403 302
cases:assign_many     GET   -                                    405 405 405 405 405 405 405 405 405 405 405 302

cases:visit_sheet     GET   own                                  200 200 200 403 403 403 404 403 404 404 404 302
cases:visit_sheet     GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:visit_sheet     GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:visit_sheet     GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:visit_sheet     GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:visit_sheet     GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:visit_sheet     POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302
cases:guardian_letter GET   own                                  200 200 200 403 403 403 404 403 404 404 404 302
cases:guardian_letter GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:guardian_letter GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:guardian_letter GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:guardian_letter GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:guardian_letter GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:guardian_letter POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302
cases:received_list   GET   -                                    200 200 200 404 404 404 404 404 404 404 404 302
cases:received_list   POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:received_detail GET   received                             200 200 200 404 404 404 404 404 404 404 404 302
cases:received_detail GET   own,sister,other_district            404 404 404 404 404 404 404 404 404 404 404 302
cases:received_detail GET   secondary,college,other_province     404 404 404 404 404 404 404 404 404 404 404 302
cases:received_detail GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:received_detail POST  received                             405 405 405 405 405 405 405 405 405 405 405 302
cases:name_teachers   POST  own,sister,other_district,secondary  403 302 302 403 403 403 403 403 403 403 403 302
cases:name_teachers   POST  college,other_province,missing       403 302 302 403 403 403 403 403 403 403 403 302
cases:name_teachers   GET   -                                    405 405 405 405 405 405 405 405 405 405 405 302
"""

ACTS = """
# deeds of the case file: the case was found and is being helped, so acts of a return are too early
#                                    relation                  tea dir dst pro dep min par aud adm cha for nob
cases:act=request_correction   GET  own                       200 200 200 403 403 403 404 403 404 404 404 302
cases:act=request_correction   GET  sister                    404 404 200 403 403 403 404 403 404 404 404 302
cases:act=request_correction   GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=request_correction   GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=request_correction   GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=request_correction   GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_correction   POST own                       302 302 302 403 403 403 404 403 404 404 404 302
cases:act=request_correction   POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:act=request_correction   POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=request_correction   POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=request_correction   POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=request_correction   POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_correction   PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=request_transfer     GET  own                       200 200 200 200 200 403 404 403 404 404 404 302
cases:act=request_transfer     GET  sister                    404 404 200 200 200 403 404 403 404 404 404 302
cases:act=request_transfer     GET  other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 302
cases:act=request_transfer     GET  college                   404 404 404 200 404 403 404 403 404 404 404 302
cases:act=request_transfer     GET  other_province            404 404 404 404 200 403 404 403 404 404 404 302
cases:act=request_transfer     GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_transfer     POST own                       302 302 302 302 302 403 404 403 404 404 404 302
cases:act=request_transfer     POST sister                    404 404 302 302 302 403 404 403 404 404 404 302
cases:act=request_transfer     POST other_district,secondary  404 404 404 302 302 403 404 403 404 404 404 302
cases:act=request_transfer     POST college                   404 404 404 302 404 403 404 403 404 404 404 302
cases:act=request_transfer     POST other_province            404 404 404 404 302 403 404 403 404 404 404 302
cases:act=request_transfer     POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_transfer     PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=send_to_centre       GET  own                       200 200 200 200 200 403 404 403 404 404 404 302
cases:act=send_to_centre       GET  sister                    404 404 200 200 200 403 404 403 404 404 404 302
cases:act=send_to_centre       GET  other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 302
cases:act=send_to_centre       GET  college                   404 404 404 200 404 403 404 403 404 404 404 302
cases:act=send_to_centre       GET  other_province            404 404 404 404 200 403 404 403 404 404 404 302
cases:act=send_to_centre       GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=send_to_centre       POST own                       302 302 302 302 302 403 404 403 404 404 404 302
cases:act=send_to_centre       POST sister                    404 404 302 302 302 403 404 403 404 404 404 302
cases:act=send_to_centre       POST other_district,secondary  404 404 404 302 302 403 404 403 404 404 404 302
cases:act=send_to_centre       POST college                   404 404 404 302 404 403 404 403 404 404 404 302
cases:act=send_to_centre       POST other_province            404 404 404 404 302 403 404 403 404 404 404 302
cases:act=send_to_centre       POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=send_to_centre       PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=escalate             GET  own                       200 200 200 200 200 403 404 403 404 404 404 302
cases:act=escalate             GET  sister                    404 404 200 200 200 403 404 403 404 404 404 302
cases:act=escalate             GET  other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 302
cases:act=escalate             GET  college                   404 404 404 200 404 403 404 403 404 404 404 302
cases:act=escalate             GET  other_province            404 404 404 404 200 403 404 403 404 404 404 302
cases:act=escalate             GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=escalate             POST own                       302 302 302 302 302 403 404 403 404 404 404 302
cases:act=escalate             POST sister                    404 404 302 302 302 403 404 403 404 404 404 302
cases:act=escalate             POST other_district,secondary  404 404 404 302 302 403 404 403 404 404 404 302
cases:act=escalate             POST college                   404 404 404 302 404 403 404 403 404 404 404 302
cases:act=escalate             POST other_province            404 404 404 404 302 403 404 403 404 404 404 302
cases:act=escalate             POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=escalate             PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=plan_help            GET  own                       200 200 200 403 403 403 404 403 404 404 404 302
cases:act=plan_help            GET  sister                    404 404 200 403 403 403 404 403 404 404 404 302
cases:act=plan_help            GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=plan_help            GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=plan_help            GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=plan_help            GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=plan_help            POST own                       302 302 302 403 403 403 404 403 404 404 404 302
cases:act=plan_help            POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:act=plan_help            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=plan_help            POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=plan_help            POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=plan_help            POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=plan_help            PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=confer               GET  own                       200 200 200 403 403 403 404 403 404 404 404 302
cases:act=confer               GET  sister                    404 404 200 403 403 403 404 403 404 404 404 302
cases:act=confer               GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=confer               GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=confer               GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=confer               GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=confer               POST own                       302 302 302 403 403 403 404 403 404 404 404 302
cases:act=confer               POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:act=confer               POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=confer               POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=confer               POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=confer               POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=confer               PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=flag_unsafe          GET  own                       200 200 200 403 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          GET  sister                    404 404 200 403 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=flag_unsafe          GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=flag_unsafe          POST own                       302 302 302 403 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=flag_unsafe          POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=flag_unsafe          POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=flag_unsafe          PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=clear_unsafe         GET  own                       403 409 409 403 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=clear_unsafe         GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=clear_unsafe         POST own                       403 409 409 403 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=clear_unsafe         POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=clear_unsafe         POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=clear_unsafe         PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=refer                GET  own                       403 200 200 403 403 403 404 403 404 404 404 302
cases:act=refer                GET  sister                    404 404 200 403 403 403 404 403 404 404 404 302
cases:act=refer                GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=refer                GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=refer                GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=refer                GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=refer                POST own                       403 302 302 403 403 403 404 403 404 404 404 302
cases:act=refer                POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:act=refer                POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=refer                POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=refer                POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=refer                POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=refer                PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=amend_child          GET  own                       200 200 200 403 403 403 404 403 404 404 404 302
cases:act=amend_child          GET  sister                    404 404 200 403 403 403 404 403 404 404 404 302
cases:act=amend_child          GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=amend_child          GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=amend_child          GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=amend_child          GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=amend_child          POST own                       302 302 302 403 403 403 404 403 404 404 404 302
cases:act=amend_child          POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:act=amend_child          POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=amend_child          POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=amend_child          POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=amend_child          POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=amend_child          PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=confirm_enrolment    GET  own                       403 409 409 403 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=confirm_enrolment    GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=confirm_enrolment    POST own                       403 409 409 403 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=confirm_enrolment    POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=confirm_enrolment    POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=confirm_enrolment    PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=deny_enrolment       GET  own                       403 409 409 403 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=deny_enrolment       GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=deny_enrolment       POST own                       403 409 409 403 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=deny_enrolment       POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=deny_enrolment       POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=deny_enrolment       PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=withdraw_enrolment   GET  own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=withdraw_enrolment   POST own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=withdraw_enrolment   POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=withdraw_enrolment   PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=follow_up            GET  own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=follow_up            GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=follow_up            GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=follow_up            GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=follow_up            GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=follow_up            GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=follow_up            POST own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=follow_up            POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=follow_up            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=follow_up            POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=follow_up            POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=follow_up            POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=follow_up            PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=hand_over            GET  own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=hand_over            GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=hand_over            GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=hand_over            GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=hand_over            GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=hand_over            GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=hand_over            POST own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=hand_over            POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=hand_over            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=hand_over            POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=hand_over            POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=hand_over            POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=hand_over            PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=drop_again           GET  own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=drop_again           GET  sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=drop_again           GET  other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=drop_again           GET  college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=drop_again           GET  other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=drop_again           GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=drop_again           POST own                       409 409 409 403 403 403 404 403 404 404 404 302
cases:act=drop_again           POST sister                    404 404 409 403 403 403 404 403 404 404 404 302
cases:act=drop_again           POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:act=drop_again           POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:act=drop_again           POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:act=drop_again           POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=drop_again           PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

"""

REQUESTS = """
#                                relation                  tea dir dst pro dep min par aud adm cha for nob
cases:act=request_closing   GET  own                       200 200 200 200 200 403 404 403 404 404 404 302
cases:act=request_closing   GET  sister                    404 404 200 200 200 403 404 403 404 404 404 302
cases:act=request_closing   GET  other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 302
cases:act=request_closing   GET  college                   404 404 404 200 404 403 404 403 404 404 404 302
cases:act=request_closing   GET  other_province            404 404 404 404 200 403 404 403 404 404 404 302
cases:act=request_closing   GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_closing   POST own                       302 302 302 302 302 403 404 403 404 404 404 302
cases:act=request_closing   POST sister                    404 404 302 302 302 403 404 403 404 404 404 302
cases:act=request_closing   POST other_district,secondary  404 404 404 302 302 403 404 403 404 404 404 302
cases:act=request_closing   POST college                   404 404 404 302 404 403 404 403 404 404 404 302
cases:act=request_closing   POST other_province            404 404 404 404 302 403 404 403 404 404 404 302
cases:act=request_closing   POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_closing   PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=request_removal   GET  own                       200 200 200 200 200 403 404 403 404 404 404 302
cases:act=request_removal   GET  sister                    404 404 200 200 200 403 404 403 404 404 404 302
cases:act=request_removal   GET  other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 302
cases:act=request_removal   GET  college                   404 404 404 200 404 403 404 403 404 404 404 302
cases:act=request_removal   GET  other_province            404 404 404 404 200 403 404 403 404 404 404 302
cases:act=request_removal   GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_removal   POST own                       302 302 302 302 302 403 404 403 404 404 404 302
cases:act=request_removal   POST sister                    404 404 302 302 302 403 404 403 404 404 404 302
cases:act=request_removal   POST other_district,secondary  404 404 404 302 302 403 404 403 404 404 404 302
cases:act=request_removal   POST college                   404 404 404 302 404 403 404 403 404 404 404 302
cases:act=request_removal   POST other_province            404 404 404 404 302 403 404 403 404 404 404 302
cases:act=request_removal   POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_removal   PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=request_not_found GET  own                       409 409 409 409 409 403 404 403 404 404 404 302
cases:act=request_not_found GET  sister                    404 404 409 409 409 403 404 403 404 404 404 302
cases:act=request_not_found GET  other_district,secondary  404 404 404 409 409 403 404 403 404 404 404 302
cases:act=request_not_found GET  college                   404 404 404 409 404 403 404 403 404 404 404 302
cases:act=request_not_found GET  other_province            404 404 404 404 409 403 404 403 404 404 404 302
cases:act=request_not_found GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_not_found POST own                       409 409 409 409 409 403 404 403 404 404 404 302
cases:act=request_not_found POST sister                    404 404 409 409 409 403 404 403 404 404 404 302
cases:act=request_not_found POST other_district,secondary  404 404 404 409 409 403 404 403 404 404 404 302
cases:act=request_not_found POST college                   404 404 404 409 404 403 404 403 404 404 404 302
cases:act=request_not_found POST other_province            404 404 404 404 409 403 404 403 404 404 404 302
cases:act=request_not_found POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=request_not_found PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:act=reopen            GET  own                       403 403 409 409 409 403 404 403 404 404 404 302
cases:act=reopen            GET  sister                    404 404 409 409 409 403 404 403 404 404 404 302
cases:act=reopen            GET  other_district,secondary  404 404 404 409 409 403 404 403 404 404 404 302
cases:act=reopen            GET  college                   404 404 404 409 404 403 404 403 404 404 404 302
cases:act=reopen            GET  other_province            404 404 404 404 409 403 404 403 404 404 404 302
cases:act=reopen            GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=reopen            POST own                       403 403 409 409 409 403 404 403 404 404 404 302
cases:act=reopen            POST sister                    404 404 409 409 409 403 404 403 404 404 404 302
cases:act=reopen            POST other_district,secondary  404 404 404 409 409 403 404 403 404 404 404 302
cases:act=reopen            POST college                   404 404 404 409 404 403 404 403 404 404 404 302
cases:act=reopen            POST other_province            404 404 404 404 409 403 404 403 404 404 404 302
cases:act=reopen            POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:act=reopen            PUT  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:request_list          GET  -                         200 200 200 200 200 200 404 404 404 404 404 302
cases:request_list          POST -                         405 405 405 405 405 405 405 405 405 405 405 302

cases:request_detail        GET  own                       200 200 200 200 200 200 404 200 404 404 404 302
cases:request_detail        GET  sister                    404 404 200 200 200 200 404 200 404 404 404 302
cases:request_detail        GET  other_district,secondary  404 404 404 200 200 200 404 200 404 404 404 302
cases:request_detail        GET  college                   404 404 404 200 404 200 404 200 404 404 404 302
cases:request_detail        GET  other_province            404 404 404 404 200 200 404 200 404 404 404 302
cases:request_detail        GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:request_detail        POST own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:request_answer        POST own                       403 403 302 403 403 403 404 403 404 404 404 302
cases:request_answer        POST sister                    404 404 302 403 403 403 404 403 404 404 404 302
cases:request_answer        POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 302
cases:request_answer        POST college                   404 404 404 403 404 403 404 403 404 404 404 302
cases:request_answer        POST other_province            404 404 404 404 403 403 404 403 404 404 404 302
cases:request_answer        POST missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:request_answer        GET  own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:request_picture       GET  own                       200 200 200 200 200 404 404 404 404 404 404 302
cases:request_picture       GET  sister                    404 404 200 200 200 404 404 404 404 404 404 302
cases:request_picture       GET  other_district,secondary  404 404 404 200 200 404 404 404 404 404 404 302
cases:request_picture       GET  college                   404 404 404 200 404 404 404 404 404 404 404 302
cases:request_picture       GET  other_province            404 404 404 404 200 404 404 404 404 404 404 302
cases:request_picture       GET  missing                   404 404 404 404 404 404 404 404 404 404 404 302
cases:request_picture       POST own                       405 405 405 405 405 405 405 405 405 405 405 302

cases:request_grant_many    POST own,sister,other_district 403 302 302 302 302 302 403 403 403 403 403 302
cases:request_grant_many    POST secondary,college         403 302 302 302 302 302 403 403 403 403 403 302
cases:request_grant_many    POST other_province,missing    403 302 302 302 302 302 403 403 403 403 403 302
cases:request_grant_many    GET  -                         405 405 405 405 405 405 405 405 405 405 405 302
"""

CASES_API = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
api:case              GET   own                                  200 200 200 200 200 200 404 200 404 404 404 401
api:case              GET   sister                               404 404 200 200 200 200 404 200 404 404 404 401
api:case              GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 401
api:case              GET   college                              404 404 404 200 404 200 404 200 404 404 404 401
api:case              GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 401
api:case              GET   missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:case              POST  own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:visits            GET   own                                  200 200 200 200 200 200 404 200 404 404 404 401
api:visits            GET   sister                               404 404 200 200 200 200 404 200 404 404 404 401
api:visits            GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 401
api:visits            GET   college                              404 404 404 200 404 200 404 200 404 404 404 401
api:visits            GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 401
api:visits            GET   missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:visits            POST  own                                  201 201 201 403 403 403 404 403 404 404 404 401
api:visits            POST  sister                               404 404 201 403 403 403 404 403 404 404 404 401
api:visits            POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 401
api:visits            POST  college                              404 404 404 403 404 403 404 403 404 404 404 401
api:visits            POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 401
api:visits            POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:visits            PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:photo             GET   own                                  200 200 200 200 200 404 404 404 404 404 404 401
api:photo             GET   sister                               404 404 200 200 200 404 404 404 404 404 404 401
api:photo             GET   other_district,secondary             404 404 404 200 200 404 404 404 404 404 404 401
api:photo             GET   college                              404 404 404 200 404 404 404 404 404 404 404 401
api:photo             GET   other_province                       404 404 404 404 200 404 404 404 404 404 404 401
api:photo             GET   missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:photo             POST  own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:case_assign       POST  own                                  403 403 200 200 200 403 404 403 404 404 404 401
api:case_assign       POST  sister                               404 404 200 200 200 403 404 403 404 404 404 401
api:case_assign       POST  other_district,secondary             404 404 404 200 200 403 404 403 404 404 404 401
api:case_assign       POST  college                              404 404 404 200 404 403 404 403 404 404 404 401
api:case_assign       POST  other_province                       404 404 404 404 200 403 404 403 404 404 404 401
api:case_assign       POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:case_assign       GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:case_enrolment    POST  own                                  200 200 200 403 403 403 404 403 404 404 404 401
api:case_enrolment    POST  sister                               404 404 200 403 403 403 404 403 404 404 404 401
api:case_enrolment    POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 401
api:case_enrolment    POST  college                              404 404 404 403 404 403 404 403 404 404 404 401
api:case_enrolment    POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 401
api:case_enrolment    POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:case_enrolment    GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:case_teacher      POST  own                                  403 200 200 403 403 403 404 403 404 404 404 401
api:case_teacher      POST  sister                               404 404 200 403 403 403 404 403 404 404 404 401
api:case_teacher      POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 401
api:case_teacher      POST  college                              404 404 404 403 404 403 404 403 404 404 404 401
api:case_teacher      POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 401
api:case_teacher      POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:case_teacher      GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:cases             GET   -                                    200 200 200 200 200 200 200 200 200 200 200 401
api:cases             GET   in_own,in_sister,in_other_district   200 200 200 200 200 200 200 200 200 200 200 401
api:cases             GET   in_secondary,in_college              200 200 200 200 200 200 200 200 200 200 200 401
api:cases             GET   in_other_province                    200 200 200 200 200 200 200 200 200 200 200 401
api:cases             GET   behind_own                           200 200 200 200 200 200 404 200 404 404 404 401
api:cases             GET   behind_sister                        404 404 200 200 200 200 404 200 404 404 404 401
api:cases             GET   behind_other_district                404 404 404 200 200 200 404 200 404 404 404 401
api:cases             GET   behind_secondary                     404 404 404 200 200 200 404 200 404 404 404 401
api:cases             GET   behind_college                       404 404 404 200 404 200 404 200 404 404 404 401
api:cases             GET   behind_other_province                404 404 404 404 200 200 404 200 404 404 404 401
api:cases             POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401

api:duplicate_decide  POST  own                                  404 403 200 200 200 200 404 404 404 404 404 401
api:duplicate_decide  POST  sister                               404 404 200 200 200 200 404 404 404 404 404 401
api:duplicate_decide  POST  other_district,secondary             404 404 404 200 200 200 404 404 404 404 404 401
api:duplicate_decide  POST  college                              404 404 404 200 404 200 404 404 404 404 404 401
api:duplicate_decide  POST  other_province                       404 404 404 404 200 200 404 404 404 404 404 401
api:duplicate_decide  POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:duplicate_decide  GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401
api:duplicates        GET   -                                    403 200 200 200 200 200 403 403 403 403 403 401
api:duplicates        POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:child_check       POST  id_own,id_sister,id_other_district   200 200 200 403 403 403 200 403 403 403 403 401
api:child_check       POST  id_secondary,id_college              200 200 200 403 403 403 200 403 403 403 403 401
api:child_check       POST  id_other_province,missing            200 200 200 403 403 403 200 403 403 403 403 401
api:child_check       GET   -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:child_ask         POST  id_own                               400 400 400 403 403 403 201 403 403 403 403 401
api:child_ask         POST  id_sister                            201 201 400 403 403 403 201 403 403 403 403 401
api:child_ask         POST  id_other_district,id_other_province  201 201 201 403 403 403 201 403 403 403 403 401
api:child_ask         POST  id_secondary,id_college              201 201 201 403 403 403 201 403 403 403 403 401
api:child_ask         POST  missing                              400 400 400 403 403 403 400 403 403 403 403 401
api:child_ask         GET   -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:children          POST  id_own                               409 409 409 403 403 403 409 403 403 403 403 401
api:children          POST  id_sister                            409 409 409 403 403 403 409 403 403 403 403 401
api:children          POST  id_other_district,id_other_province  409 409 409 403 403 403 409 403 403 403 403 401
api:children          POST  -                                    201 201 201 403 403 403 201 403 403 403 403 401
api:children          GET   -                                    405 405 405 405 405 405 405 405 405 405 405 401
"""

UNITS = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
reports:dashboard     GET   own                                  200 200 200 200 200 200 404 200 404 404 404 302
reports:dashboard     GET   sister                               404 404 200 200 200 200 404 200 404 404 404 302
reports:dashboard     GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 302
reports:dashboard     GET   college                              404 404 404 200 404 200 404 200 404 404 404 302
reports:dashboard     GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 302
reports:dashboard     GET   unit_own_district                    404 404 200 200 200 200 404 200 404 404 404 302
reports:dashboard     GET   unit_other_district                  404 404 404 200 200 200 404 200 404 404 404 302
reports:dashboard     GET   unit_tray                            404 404 404 200 200 200 404 200 404 404 404 302
reports:dashboard     GET   unit_province,unit_amphoe            404 404 404 200 404 200 404 200 404 404 404 302
reports:dashboard     GET   unit_other_province,unit_region      404 404 404 404 404 200 404 200 404 404 404 302
reports:dashboard     GET   unit_department                      404 404 404 404 200 200 404 200 404 404 404 302
reports:dashboard     GET   unit_other_department,unit_nation    404 404 404 404 404 200 404 200 404 404 404 302
reports:dashboard     GET   unit_partner,missing                 404 404 404 404 404 404 404 404 404 404 404 302
reports:dashboard     POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302

reports:children      GET   own                                  200 200 200 200 200 200 404 200 404 404 404 302
reports:children      GET   sister                               404 404 200 200 200 200 404 200 404 404 404 302
reports:children      GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 302
reports:children      GET   college                              404 404 404 200 404 200 404 200 404 404 404 302
reports:children      GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 302
reports:children      GET   before_own                           200 200 200 200 200 200 404 200 404 404 404 302
reports:children      GET   unit_own_district                    404 404 200 200 200 200 404 200 404 404 404 302
reports:children      GET   unit_other_district                  404 404 404 200 200 200 404 200 404 404 404 302
reports:children      GET   unit_tray                            404 404 404 200 200 200 404 200 404 404 404 302
reports:children      GET   unit_province,unit_amphoe            404 404 404 200 404 200 404 200 404 404 404 302
reports:children      GET   unit_other_province,unit_region      404 404 404 404 404 200 404 200 404 404 404 302
reports:children      GET   unit_department                      404 404 404 404 200 200 404 200 404 404 404 302
reports:children      GET   unit_other_department,unit_nation    404 404 404 404 404 200 404 200 404 404 404 302
reports:children      GET   unit_partner,missing                 404 404 404 404 404 404 404 404 404 404 404 302
reports:children      POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302

api:unit              GET   own                                  200 200 200 200 200 200 404 200 404 404 404 401
api:unit              GET   sister                               404 404 200 200 200 200 404 200 404 404 404 401
api:unit              GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 401
api:unit              GET   college                              404 404 404 200 404 200 404 200 404 404 404 401
api:unit              GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 401
api:unit              GET   unit_own_district                    404 404 200 200 200 200 404 200 404 404 404 401
api:unit              GET   unit_other_district,unit_tray        404 404 404 200 200 200 404 200 404 404 404 401
api:unit              GET   unit_province,unit_amphoe            404 404 404 200 404 200 404 200 404 404 404 401
api:unit              GET   unit_other_province,unit_region      404 404 404 404 404 200 404 200 404 404 404 401
api:unit              GET   unit_department                      404 404 404 404 200 200 404 200 404 404 404 401
api:unit              GET   unit_other_department,unit_nation    404 404 404 404 404 200 404 200 404 404 404 401
api:unit              GET   unit_partner,missing                 404 404 404 404 404 404 404 404 404 404 404 401
api:unit              POST  own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:figures           GET   own                                  200 200 200 200 200 200 403 200 403 403 403 401
api:figures           GET   sister                               404 404 200 200 200 200 403 200 403 403 403 401
api:figures           GET   other_district,secondary             404 404 404 200 200 200 403 200 403 403 403 401
api:figures           GET   college                              404 404 404 200 404 200 403 200 403 403 403 401
api:figures           GET   other_province                       404 404 404 404 200 200 403 200 403 403 403 401
api:figures           GET   unit_own_district                    404 404 200 200 200 200 403 200 403 403 403 401
api:figures           GET   unit_other_district,unit_tray        404 404 404 200 200 200 403 200 403 403 403 401
api:figures           GET   unit_province,unit_amphoe            404 404 404 200 404 200 403 200 403 403 403 401
api:figures           GET   unit_other_province,unit_region      404 404 404 404 404 200 403 200 403 403 403 401
api:figures           GET   unit_department                      404 404 404 404 200 200 403 200 403 403 403 401
api:figures           GET   unit_other_department,unit_nation    404 404 404 404 404 200 403 200 403 403 403 401
api:figures           GET   unit_partner,missing                 404 404 404 404 404 404 403 404 403 403 403 401
api:figures           POST  own                                  405 405 405 405 405 405 403 405 403 403 403 401

api:rollup            GET   own                                  200 200 200 200 200 200 403 200 403 403 403 401
api:rollup            GET   sister                               404 404 200 200 200 200 403 200 403 403 403 401
api:rollup            GET   other_district,secondary             404 404 404 200 200 200 403 200 403 403 403 401
api:rollup            GET   college                              404 404 404 200 404 200 403 200 403 403 403 401
api:rollup            GET   other_province                       404 404 404 404 200 200 403 200 403 403 403 401
api:rollup            GET   unit_own_district                    404 404 200 200 200 200 403 200 403 403 403 401
api:rollup            GET   unit_other_district,unit_tray        404 404 404 200 200 200 403 200 403 403 403 401
api:rollup            GET   unit_province,unit_amphoe            404 404 404 200 404 200 403 200 403 403 403 401
api:rollup            GET   unit_other_province,unit_region      404 404 404 404 404 200 403 200 403 403 403 401
api:rollup            GET   unit_department                      404 404 404 404 200 200 403 200 403 403 403 401
api:rollup            GET   unit_other_department,unit_nation    404 404 404 404 404 200 403 200 403 403 403 401
api:rollup            GET   unit_partner,missing                 404 404 404 404 404 404 403 404 403 403 403 401
api:rollup            POST  own                                  405 405 405 405 405 405 403 405 403 403 403 401

api:rollups           GET   -                                    200 200 200 200 200 200 403 200 403 403 403 401
api:rollups           POST  -                                    405 405 405 405 405 405 403 405 403 403 403 401
api:units             GET   -                                    200 200 200 200 200 200 200 200 200 200 200 401
api:units             POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401
"""

JOBS_AND_FILES = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
cases:import_list     GET   -                                    403 200 200 200 200 200 403 403 403 403 403 302
cases:import_list     POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:import_new      GET   -                                    403 200 200 200 200 200 403 403 403 403 403 302
cases:import_new      POST  -                                    403 302 302 302 302 302 403 403 403 403 403 302
cases:import_new      PUT   -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:import_template GET   -                                    403 200 200 200 200 200 403 403 403 403 403 302
cases:import_template POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:import_detail   GET   mine                                 404 200 200 200 200 200 404 404 404 404 404 302
cases:import_detail   GET   colleague                            404 200 200 200 200 200 404 404 404 404 404 302
cases:import_detail   GET   their_own                            404 200 404 404 404 404 404 404 404 404 404 302
cases:import_detail   GET   their_sister,their_other_district    404 404 404 404 404 404 404 404 404 404 404 302
cases:import_detail   GET   their_college,their_secondary        404 404 404 404 404 404 404 404 404 404 404 302
cases:import_detail   GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
cases:import_detail   POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 302
cases:import_progress GET   mine                                 404 200 200 200 200 200 404 404 404 404 404 302
cases:import_progress GET   colleague                            404 200 200 200 200 200 404 404 404 404 404 302
cases:import_progress GET   their_own                            404 200 404 404 404 404 404 404 404 404 404 302
cases:import_progress GET   their_sister,their_other_district    404 404 404 404 404 404 404 404 404 404 404 302
cases:import_progress GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
cases:import_progress POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 302
cases:import_commit   POST  mine                                 404 302 302 302 302 302 404 404 404 404 404 302
cases:import_commit   POST  colleague                            404 403 403 403 403 403 404 404 404 404 404 302
cases:import_commit   POST  their_own                            404 403 404 404 404 404 404 404 404 404 404 302
cases:import_commit   POST  their_sister,their_other_district    404 404 404 404 404 404 404 404 404 404 404 302
cases:import_commit   POST  their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
cases:import_commit   GET   mine                                 405 405 405 405 405 405 405 405 405 405 405 302
cases:import_map      POST  mine                                 404 302 302 302 302 302 404 404 404 404 404 302
cases:import_map      POST  colleague                            404 403 403 403 403 403 404 404 404 404 404 302
cases:import_map      POST  their_own                            404 403 404 404 404 404 404 404 404 404 404 302
cases:import_map      POST  their_sister,their_other_district    404 404 404 404 404 404 404 404 404 404 404 302
cases:import_map      POST  their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
cases:import_map      GET   mine                                 405 405 405 405 405 405 405 405 405 405 405 302
cases:import_cancel   POST  mine                                 404 302 302 302 302 302 404 404 404 404 404 302
cases:import_cancel   POST  colleague                            404 403 403 403 403 403 404 404 404 404 404 302
cases:import_cancel   POST  their_own                            404 403 404 404 404 404 404 404 404 404 404 302
cases:import_cancel   POST  their_sister,their_other_district    404 404 404 404 404 404 404 404 404 404 404 302
cases:import_cancel   POST  their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
cases:import_cancel   GET   mine                                 405 405 405 405 405 405 405 405 405 405 405 302
cases:import_file     GET   mine                                 404 200 200 200 200 200 404 404 404 404 404 302
cases:import_file     GET   colleague,their_own                  404 404 404 404 404 404 404 404 404 404 404 302
cases:import_file     GET   their_sister,their_other_district    404 404 404 404 404 404 404 404 404 404 404 302
cases:import_file     GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
cases:import_file     POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 302

reports:export_list   GET   -                                    403 200 200 200 200 200 403 403 403 403 403 302
reports:export_list   POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
reports:export_new    POST  own                                  403 302 302 302 302 302 403 403 403 403 403 302
reports:export_new    POST  sister                               403 404 302 302 302 302 403 403 403 403 403 302
reports:export_new    POST  other_district,secondary             403 404 404 302 302 302 403 403 403 403 403 302
reports:export_new    POST  college                              403 404 404 302 404 302 403 403 403 403 403 302
reports:export_new    POST  other_province                       403 404 404 404 302 302 403 403 403 403 403 302
reports:export_new    POST  unit_own_district                    403 404 302 302 302 302 403 403 403 403 403 302
reports:export_new    POST  unit_province                        403 404 404 302 404 302 403 403 403 403 403 302
reports:export_new    POST  unit_department                      403 404 404 404 302 302 403 403 403 403 403 302
reports:export_new    POST  unit_other_department,unit_nation    403 404 404 404 404 302 403 403 403 403 403 302
reports:export_new    POST  missing                              403 404 404 404 404 404 403 403 403 403 403 302
reports:export_new    GET   -                                    405 405 405 405 405 405 405 405 405 405 405 302
reports:export_file   GET   mine                                 403 200 200 200 200 200 403 403 403 403 403 302
reports:export_file   GET   colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 302
reports:export_file   GET   their_other_district                 404 404 404 404 404 404 404 404 404 404 404 302
reports:export_file   GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
reports:export_file   POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 302

schools:job           GET   mine                                 200 200 200 200 200 200 200 200 200 404 404 302
schools:job           GET   colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 302
schools:job           GET   their_other_district                 404 404 404 404 404 404 404 404 404 404 404 302
schools:job           GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
schools:job           POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 302
schools:job_cancel    POST  mine                                 302 302 302 302 302 302 302 302 302 404 404 302
schools:job_cancel    POST  colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 302
schools:job_cancel    POST  their_other_district                 404 404 404 404 404 404 404 404 404 404 404 302
schools:job_cancel    POST  their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 302
schools:job_cancel    GET   mine                                 405 405 405 405 405 405 405 405 405 405 405 302

api:jobs              GET   -                                    200 200 200 200 200 200 200 200 200 200 200 401
api:jobs              POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:job               GET   mine                                 200 200 200 200 200 200 200 200 200 404 404 401
api:job               GET   colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 401
api:job               GET   their_other_district                 404 404 404 404 404 404 404 404 404 404 404 401
api:job               GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 401
api:job               POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 401
api:job_cancel        POST  mine                                 200 200 200 200 200 200 200 200 200 404 404 401
api:job_cancel        POST  ended                                409 409 409 409 409 409 409 409 409 404 404 401
api:job_cancel        POST  colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 401
api:job_cancel        POST  their_other_district                 404 404 404 404 404 404 404 404 404 404 404 401
api:job_cancel        POST  their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 401
api:job_cancel        GET   mine                                 405 405 405 405 405 405 405 405 405 405 405 401
api:imports           POST  -                                    403 202 202 202 202 202 403 403 403 403 403 401
api:imports           GET   -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:import            GET   mine                                 404 200 200 200 200 200 404 404 404 404 404 401
api:import            GET   colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 401
api:import            GET   their_other_district                 404 404 404 404 404 404 404 404 404 404 404 401
api:import            GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 401
api:import            POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 401
api:import_commit     POST  mine                                 404 202 202 202 202 202 404 404 404 404 404 401
api:import_commit     POST  colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 401
api:import_commit     POST  their_other_district                 404 404 404 404 404 404 404 404 404 404 404 401
api:import_commit     POST  their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 401
api:import_commit     GET   mine                                 405 405 405 405 405 405 405 405 405 405 405 401
api:exports           POST  own                                  403 202 202 202 202 202 403 403 403 403 403 401
api:exports           POST  sister                               403 404 202 202 202 202 403 403 403 403 403 401
api:exports           POST  other_district,secondary             403 404 404 202 202 202 403 403 403 403 403 401
api:exports           POST  college                              403 404 404 202 404 202 403 403 403 403 403 401
api:exports           POST  other_province                       403 404 404 404 202 202 403 403 403 403 403 401
api:exports           POST  unit_own_district                    403 404 202 202 202 202 403 403 403 403 403 401
api:exports           POST  unit_province                        403 404 404 202 404 202 403 403 403 403 403 401
api:exports           POST  unit_department                      403 404 404 404 202 202 403 403 403 403 403 401
api:exports           POST  unit_other_department,unit_nation    403 404 404 404 404 202 403 403 403 403 403 401
api:exports           POST  missing                              403 404 404 404 404 404 403 403 403 403 403 401
api:exports           GET   -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:export_file       GET   mine                                 403 200 200 200 200 200 403 403 403 404 404 401
api:export_file       GET   colleague,their_own,their_sister     404 404 404 404 404 404 404 404 404 404 404 401
api:export_file       GET   their_other_district                 404 404 404 404 404 404 404 404 404 404 404 401
api:export_file       GET   their_other_province,missing         404 404 404 404 404 404 404 404 404 404 404 401
api:export_file       POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 401
"""

# The referral of own is live at partner:eef, that of sister was there and is over, the others are at another agency.
REFERRALS = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
cases:referral_list   GET   -                                    404 404 404 404 404 404 200 404 404 404 404 302
cases:referral_list   POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:referral_detail GET   own                                  404 404 404 404 404 404 200 404 404 404 404 302
cases:referral_detail GET   sister,other_district,secondary      404 404 404 404 404 404 404 404 404 404 404 302
cases:referral_detail GET   college,other_province,missing       404 404 404 404 404 404 404 404 404 404 404 302
cases:referral_detail POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302
cases:referral_answer POST  own                                  404 404 404 404 404 404 302 404 404 404 404 302
cases:referral_answer POST  sister,other_district,secondary      404 404 404 404 404 404 404 404 404 404 404 302
cases:referral_answer POST  college,other_province,missing       404 404 404 404 404 404 404 404 404 404 404 302
cases:referral_answer GET   own                                  405 405 405 405 405 405 405 405 405 405 405 302
cases:referral_recall POST  own                                  403 302 302 403 403 403 404 403 404 404 404 302
cases:referral_recall POST  sister                               404 404 409 403 403 403 404 403 404 404 404 302
cases:referral_recall POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:referral_recall POST  college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:referral_recall POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:referral_recall POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:referral_recall GET   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:help_done       GET   own                                  200 200 200 403 403 403 404 403 404 404 404 302
cases:help_done       GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:help_done       GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:help_done       GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:help_done       GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:help_done       GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:help_done       POST  own                                  302 302 302 403 403 403 404 403 404 404 404 302
cases:help_done       POST  sister                               404 404 302 403 403 403 404 403 404 404 404 302
cases:help_done       POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:help_done       POST  college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:help_done       POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:help_done       POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:help_done       PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

api:referrals         GET   -                                    200 200 200 200 200 200 200 200 200 200 200 401
api:referrals         POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:referral          GET   own                                  200 200 200 200 200 200 200 200 404 404 404 401
api:referral          GET   sister                               404 404 200 200 200 200 404 200 404 404 404 401
api:referral          GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 401
api:referral          GET   college                              404 404 404 200 404 200 404 200 404 404 404 401
api:referral          GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 401
api:referral          GET   missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:referral          POST  own                                  405 405 405 405 405 405 405 405 405 405 405 401
api:referral_answer   POST  own                                  404 404 404 404 404 404 200 404 404 404 404 401
api:referral_answer   POST  sister,other_district,secondary      404 404 404 404 404 404 404 404 404 404 404 401
api:referral_answer   POST  college,other_province,missing       404 404 404 404 404 404 404 404 404 404 404 401
api:referral_answer   GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401
api:referral_recall   POST  own                                  403 200 200 403 403 403 404 403 404 404 404 401
api:referral_recall   POST  sister                               404 404 409 403 403 403 404 403 404 404 404 401
api:referral_recall   POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 401
api:referral_recall   POST  college                              404 404 404 403 404 403 404 403 404 404 404 401
api:referral_recall   POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 401
api:referral_recall   POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:referral_recall   GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:help              GET   own                                  200 200 200 200 200 200 404 200 404 404 404 401
api:help              GET   sister                               404 404 200 200 200 200 404 200 404 404 404 401
api:help              GET   other_district,secondary             404 404 404 200 200 200 404 200 404 404 404 401
api:help              GET   college                              404 404 404 200 404 200 404 200 404 404 404 401
api:help              GET   other_province                       404 404 404 404 200 200 404 200 404 404 404 401
api:help              GET   missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:help              POST  own                                  405 405 405 405 405 405 405 405 405 405 405 401
api:help_done         POST  own                                  200 200 200 403 403 403 404 403 404 404 404 401
api:help_done         POST  sister                               404 404 200 403 403 403 404 403 404 404 404 401
api:help_done         POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 401
api:help_done         POST  college                              404 404 404 403 404 403 404 403 404 404 404 401
api:help_done         POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 401
api:help_done         POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:help_done         GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401
"""

PEOPLE = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
schools:people_list   GET   -                                    403 200 200 200 200 200 403 403 200 403 403 302
schools:people_list   POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
schools:person_new    GET   -                                    403 200 200 200 200 200 403 403 200 403 403 302
schools:person_new    POST  own                                  403 200 200 400 400 400 403 403 200 403 403 302
schools:person_new    POST  sister                               403 400 200 400 400 400 403 403 200 403 403 302
schools:person_new    POST  other_district,secondary,college     403 400 400 400 400 400 403 403 200 403 403 302
schools:person_new    POST  other_province                       403 400 400 400 400 400 403 403 200 403 403 302
schools:person_new    POST  missing                              403 400 400 400 400 400 403 403 400 403 403 302
schools:person_new    PUT   -                                    405 405 405 405 405 405 405 405 405 405 405 302
schools:invitation_new    POST  own,sister,other_province,missing 403 302 302 302 302 302 403 403 302 403 403 302
schools:invitation_new    GET   -                                405 405 405 405 405 405 405 405 405 405 405 302
schools:posting_confirm   POST  own,sister,other_province,missing 403 302 302 302 302 302 403 403 302 403 403 302
schools:posting_confirm   POST  mine                             403 302 302 302 302 302 403 403 302 403 403 302
schools:posting_confirm   GET   -                                405 405 405 405 405 405 405 405 405 405 405 302
schools:posting_detail    GET   mine                             403 200 200 200 200 200 403 403 200 403 403 302
schools:posting_detail    GET   own                              403 200 200 404 404 404 403 403 200 403 403 302
schools:posting_detail    GET   sister                           403 404 200 404 404 404 403 403 200 403 403 302
schools:posting_detail    GET   other_district,secondary,college 403 404 404 404 404 404 403 403 200 403 403 302
schools:posting_detail    GET   other_province                   403 404 404 404 404 404 403 403 200 403 403 302
schools:posting_detail    GET   post_other_district              403 404 404 404 200 404 403 403 200 403 403 302
schools:posting_detail    GET   post_other_province              403 404 404 404 404 200 403 403 200 403 403 302
schools:posting_detail    GET   missing                          403 404 404 404 404 404 403 403 404 403 403 302
schools:posting_detail    POST  own                              405 405 405 405 405 405 405 405 405 405 405 302
schools:posting_change    POST  mine                             403 403 403 403 403 403 403 403 403 403 403 302
schools:posting_change    POST  own                              403 302 302 404 404 404 403 403 302 403 403 302
schools:posting_change    POST  sister                           403 404 302 404 404 404 403 403 302 403 403 302
schools:posting_change    POST  other_district,secondary,college 403 404 404 404 404 404 403 403 302 403 403 302
schools:posting_change    POST  other_province                   403 404 404 404 404 404 403 403 302 403 403 302
schools:posting_change    POST  post_own                         403 403 302 404 404 404 403 403 302 403 403 302
schools:posting_change    POST  missing                          403 404 404 404 404 404 403 403 404 403 403 302
schools:posting_change    GET   own                              405 405 405 405 405 405 405 405 405 405 405 302
schools:posting_end   POST  mine                                 403 403 403 403 403 403 403 403 403 403 403 302
schools:posting_end   POST  own                                  403 302 302 404 404 404 403 403 302 403 403 302
schools:posting_end   POST  sister                               403 404 302 404 404 404 403 403 302 403 403 302
schools:posting_end   POST  other_district,secondary,college     403 404 404 404 404 404 403 403 302 403 403 302
schools:posting_end   POST  other_province                       403 404 404 404 404 404 403 403 302 403 403 302
schools:posting_end   POST  post_own                             403 403 302 404 404 404 403 403 302 403 403 302
schools:posting_end   POST  post_other_district                  403 404 404 404 302 404 403 403 302 403 403 302
schools:posting_end   POST  post_other_province                  403 404 404 404 404 302 403 403 302 403 403 302
schools:posting_end   POST  missing                              403 404 404 404 404 404 403 403 404 403 403 302
schools:posting_end   GET   own                                  405 405 405 405 405 405 405 405 405 405 405 302
schools:people_upload_new GET   -                                403 200 200 200 200 200 403 403 200 403 403 302
schools:people_upload_new POST  -                                403 302 302 302 302 302 403 403 302 403 403 302
schools:people_upload_new PUT   -                                405 405 405 405 405 405 405 405 405 405 405 302
schools:people_upload_template GET  -                            403 200 200 200 200 200 403 403 200 403 403 302
schools:people_upload_template POST -                            405 405 405 405 405 405 405 405 405 405 405 302
schools:people_upload GET   mine                                 403 200 200 200 200 200 403 403 200 403 403 302
schools:people_upload GET   colleague,their_own,their_sister     403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload GET   their_other_district                 403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload GET   their_other_province,missing         403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload POST  mine                                 405 405 405 405 405 405 405 405 405 405 405 302
schools:people_upload_commit POST mine                           403 302 302 302 302 302 403 403 302 403 403 302
schools:people_upload_commit POST colleague,their_own            403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload_commit POST their_other_province,missing   403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload_commit GET  mine                           405 405 405 405 405 405 405 405 405 405 405 302
schools:people_upload_links  POST mine                           403 200 200 200 200 200 403 403 200 403 403 302
schools:people_upload_links  POST colleague,their_own            403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload_links  POST their_other_province,missing   403 404 404 404 404 404 403 403 404 403 403 302
schools:people_upload_links  GET  mine                           405 405 405 405 405 405 405 405 405 405 405 302
schools:invitation    GET   mine                                 200 200 200 200 200 200 200 200 200 200 200 200
schools:invitation    GET   missing                              410 410 410 410 410 410 410 410 410 410 410 410
schools:invitation    POST  mine                                 302 302 302 302 302 302 302 302 302 302 302 302
schools:invitation    POST  missing                              410 410 410 410 410 410 410 410 410 410 410 410
schools:invitation    PUT   mine                                 405 405 405 405 405 405 405 405 405 405 405 405

cases:hand_over_list  GET   -                                    403 200 200 403 403 403 403 403 403 403 403 302
cases:hand_over_list  POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
cases:hand_over       GET   own                                  403 200 200 403 403 403 404 403 404 404 404 302
cases:hand_over       GET   sister                               404 404 200 403 403 403 404 403 404 404 404 302
cases:hand_over       GET   other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:hand_over       GET   college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:hand_over       GET   other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:hand_over       GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:hand_over       POST  own                                  403 302 302 403 403 403 404 403 404 404 404 302
cases:hand_over       POST  sister                               404 404 302 403 403 403 404 403 404 404 404 302
cases:hand_over       POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 302
cases:hand_over       POST  college                              404 404 404 403 404 403 404 403 404 404 404 302
cases:hand_over       POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 302
cases:hand_over       POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:hand_over       PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

api:people            POST  own                                  403 201 201 403 403 403 403 403 201 403 403 401
api:people            POST  sister                               403 403 201 403 403 403 403 403 201 403 403 401
api:people            POST  other_district,secondary,college     403 403 403 403 403 403 403 403 201 403 403 401
api:people            POST  other_province                       403 403 403 403 403 403 403 403 201 403 403 401
api:people            POST  missing                              403 400 400 400 400 400 403 403 400 403 403 401
api:people            GET   -                                    403 405 405 405 405 405 403 403 405 403 403 401
api:postings          GET   -                                    403 200 200 200 200 200 403 403 200 403 403 401
api:postings          POST  -                                    403 405 405 405 405 405 403 403 405 403 403 401
api:posting           GET   mine                                 403 200 200 200 200 200 403 403 200 403 403 401
api:posting           GET   own                                  403 200 200 404 404 404 403 403 200 403 403 401
api:posting           GET   sister                               403 404 200 404 404 404 403 403 200 403 403 401
api:posting           GET   other_district,secondary,college     403 404 404 404 404 404 403 403 200 403 403 401
api:posting           GET   post_other_district                  403 404 404 404 200 404 403 403 200 403 403 401
api:posting           GET   post_other_province                  403 404 404 404 404 200 403 403 200 403 403 401
api:posting           GET   missing                              403 404 404 404 404 404 403 403 404 403 403 401
api:posting           PATCH mine                                 403 403 403 403 403 403 403 403 403 403 403 401
api:posting           PATCH own                                  403 200 200 404 404 404 403 403 200 403 403 401
api:posting           PATCH sister                               403 404 200 404 404 404 403 403 200 403 403 401
api:posting           PATCH other_district,secondary,college     403 404 404 404 404 404 403 403 200 403 403 401
api:posting           PATCH post_own                             403 403 200 404 404 404 403 403 200 403 403 401
api:posting           PATCH missing                              403 404 404 404 404 404 403 403 404 403 403 401
api:posting           POST  own                                  403 405 405 405 405 405 403 403 405 403 403 401
api:posting_end       POST  mine                                 403 403 403 403 403 403 403 403 403 403 403 401
api:posting_end       POST  own                                  403 200 200 404 404 404 403 403 200 403 403 401
api:posting_end       POST  sister                               403 404 200 404 404 404 403 403 200 403 403 401
api:posting_end       POST  other_district,secondary,college     403 404 404 404 404 404 403 403 200 403 403 401
api:posting_end       POST  post_other_district                  403 404 404 404 200 404 403 403 200 403 403 401
api:posting_end       POST  post_other_province                  403 404 404 404 404 200 403 403 200 403 403 401
api:posting_end       POST  missing                              403 404 404 404 404 404 403 403 404 403 403 401
api:posting_end       GET   own                                  403 405 405 405 405 405 403 403 405 403 403 401
api:posting_confirm   POST  mine                                 403 403 403 403 403 403 403 403 403 403 403 401
api:posting_confirm   POST  own                                  403 200 200 404 404 404 403 403 200 403 403 401
api:posting_confirm   POST  sister                               403 404 200 404 404 404 403 403 200 403 403 401
api:posting_confirm   POST  other_district,secondary,college     403 404 404 404 404 404 403 403 200 403 403 401
api:posting_confirm   POST  missing                              403 404 404 404 404 404 403 403 404 403 403 401
api:posting_confirm   GET   -                                    403 405 405 405 405 405 403 403 405 403 403 401
api:invitations       POST  mine                                 403 201 201 404 404 404 403 403 201 403 403 401
api:invitations       POST  own                                  403 409 409 404 404 404 403 403 409 403 403 401
api:invitations       POST  sister                               403 404 409 404 404 404 403 403 409 403 403 401
api:invitations       POST  other_district,secondary,college     403 404 404 404 404 404 403 403 409 403 403 401
api:invitations       POST  missing                              403 404 404 404 404 404 403 403 404 403 403 401
api:invitations       GET   -                                    403 405 405 405 405 405 403 403 405 403 403 401
api:hand_overs        POST  own                                  403 200 200 403 403 403 404 403 404 404 404 401
api:hand_overs        POST  sister                               404 404 200 403 403 403 404 403 404 404 404 401
api:hand_overs        POST  other_district,secondary             404 404 404 403 403 403 404 403 404 404 404 401
api:hand_overs        POST  college                              404 404 404 403 404 403 404 403 404 404 404 401
api:hand_overs        POST  other_province                       404 404 404 404 403 403 404 403 404 404 404 401
api:hand_overs        POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:hand_overs        GET   -                                    405 405 405 405 405 405 405 405 405 405 405 401
"""

PEOPLE_AND_DOORS = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
schools:account       GET   -                                    200 200 200 200 200 200 200 200 200 200 200 302
schools:account       POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
schools:audit_list    GET   -                                    403 200 200 403 403 403 403 200 403 403 403 302
schools:audit_list    GET   on_own,on_sister,on_other_district   403 200 200 403 403 403 403 200 403 403 403 302
schools:audit_list    GET   on_college,on_other_province         403 200 200 403 403 403 403 200 403 403 403 302
schools:audit_list    GET   bad_filter                           403 400 400 403 403 403 403 400 403 403 403 302
schools:audit_list    POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302
schools:privacy       GET   -                                    200 200 200 200 200 200 200 200 200 200 200 200
schools:privacy       POST  -                                    405 405 405 405 405 405 405 405 405 405 405 405
healthz               GET   -                                    200 200 200 200 200 200 200 200 200 200 200 200
healthz               POST  -                                    405 405 405 405 405 405 405 405 405 405 405 405
csp_report            POST  -                                    204 204 204 204 204 204 204 204 204 204 204 204
csp_report            GET   -                                    405 405 405 405 405 405 405 405 405 405 405 405
set_language          POST  -                                    302 302 302 302 302 302 302 302 302 302 302 302
set_language          GET   -                                    302 302 302 302 302 302 302 302 302 302 302 302
account_login         GET   -                                    302 302 302 302 302 302 302 302 302 302 302 200
account_login         POST  -                                    302 302 302 302 302 302 302 302 302 302 302 200
account_logout        GET   -                                    200 200 200 200 200 200 200 200 200 200 200 302
account_logout        POST  -                                    302 302 302 302 302 302 302 302 302 302 302 302
account_change_password   GET   -                                200 200 200 200 200 200 200 200 200 200 200 302
account_change_password   POST  -                                200 200 200 200 200 200 200 200 200 200 200 302
account_reauthenticate    GET   -                                200 200 200 200 200 200 200 200 200 200 200 302
account_reauthenticate    POST  -                                200 200 200 200 200 200 200 200 200 200 200 302
api:schema            GET   -                                    200 200 200 200 200 200 200 200 200 200 200 401
api:schema            POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:docs              GET   -                                    200 200 200 200 200 200 200 200 200 200 200 302
api:docs              POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302

api:cases             GET   by_number,by_fields,by_order         400 400 400 400 400 400 400 400 400 400 400 401
api:units             GET   by_number,by_fields,by_order         400 400 400 400 400 400 400 400 400 400 400 401
api:jobs              GET   by_number,by_fields,by_order         400 400 400 400 400 400 400 400 400 400 400 401
api:figures           GET   by_number,by_fields,by_order         400 400 400 400 400 400 403 400 403 403 403 401
"""

CHECKS = """
#                           relation                             tea dir dst pro dep min par aud adm cha for nob
cases:check_list      GET   -                                    200 200 200 200 200 404 404 404 404 404 404 302
cases:check_list      POST  -                                    405 405 405 405 405 405 405 405 405 405 405 302

cases:check_version   GET   own                                  200 200 200 200 200 404 404 404 404 404 404 302
cases:check_version   GET   sister                               404 404 200 200 200 404 404 404 404 404 404 302
cases:check_version   GET   other_district,secondary             404 404 404 200 200 404 404 404 404 404 404 302
cases:check_version   GET   college                              404 404 404 200 404 404 404 404 404 404 404 302
cases:check_version   GET   other_province                       404 404 404 404 200 404 404 404 404 404 404 302
cases:check_version   GET   missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:check_version   POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:check_lines     POST  own                                  302 302 302 403 403 404 404 404 404 404 404 302
cases:check_lines     POST  sister                               404 404 302 403 403 404 404 404 404 404 404 302
cases:check_lines     POST  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 302
cases:check_lines     POST  college                              404 404 404 403 404 404 404 404 404 404 404 302
cases:check_lines     POST  other_province                       404 404 404 404 403 404 404 404 404 404 404 302
cases:check_lines     POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:check_lines     GET   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:check_amend     GET   own                                  200 200 200 404 404 404 404 404 404 404 404 302
cases:check_amend     GET   sister                               404 404 200 404 404 404 404 404 404 404 404 302
cases:check_amend     GET   other_district,secondary,college     404 404 404 404 404 404 404 404 404 404 404 302
cases:check_amend     GET   other_province,missing               404 404 404 404 404 404 404 404 404 404 404 302
cases:check_amend     POST  own                                  302 302 302 404 404 404 404 404 404 404 404 302
cases:check_amend     POST  sister                               404 404 302 404 404 404 404 404 404 404 404 302
cases:check_amend     POST  other_district,secondary,college     404 404 404 404 404 404 404 404 404 404 404 302
cases:check_amend     POST  other_province,missing               404 404 404 404 404 404 404 404 404 404 404 302
cases:check_amend     PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:check_duplicate GET   own                                  200 200 200 404 404 404 404 404 404 404 404 302
cases:check_duplicate GET   sister                               404 404 200 404 404 404 404 404 404 404 404 302
cases:check_duplicate GET   other_district,secondary,college     404 404 404 404 404 404 404 404 404 404 404 302
cases:check_duplicate GET   other_province,missing               404 404 404 404 404 404 404 404 404 404 404 302
cases:check_duplicate POST  own                                  302 302 302 404 404 404 404 404 404 404 404 302
cases:check_duplicate POST  sister                               404 404 302 404 404 404 404 404 404 404 404 302
cases:check_duplicate POST  other_district,secondary,college     404 404 404 404 404 404 404 404 404 404 404 302
cases:check_duplicate POST  other_province,missing               404 404 404 404 404 404 404 404 404 404 404 302
cases:check_duplicate PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:check_picture   GET   own                                  200 200 200 404 404 404 404 404 404 404 404 302
cases:check_picture   GET   sister                               404 404 200 404 404 404 404 404 404 404 404 302
cases:check_picture   GET   other_district,secondary,college     404 404 404 404 404 404 404 404 404 404 404 302
cases:check_picture   GET   other_province,missing               404 404 404 404 404 404 404 404 404 404 404 302
cases:check_picture   POST  own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:check_sign      POST  own                                  403 302 403 403 403 404 404 404 404 404 404 302
cases:check_sign      POST  sister                               404 404 403 403 403 404 404 404 404 404 404 302
cases:check_sign      POST  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 302
cases:check_sign      POST  college                              404 404 404 403 404 404 404 404 404 404 404 302
cases:check_sign      POST  other_province                       404 404 404 404 403 404 404 404 404 404 404 302
cases:check_sign      POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:check_sign      GET   own                                  405 405 405 405 405 405 405 405 405 405 405 302

cases:check_return    POST  own                                  403 403 302 302 302 404 404 404 404 404 404 302
cases:check_return    POST  sister                               404 404 302 302 302 404 404 404 404 404 404 302
cases:check_return    POST  other_district,secondary             404 404 404 302 302 404 404 404 404 404 404 302
cases:check_return    POST  college                              404 404 404 302 404 404 404 404 404 404 404 302
cases:check_return    POST  other_province                       404 404 404 404 302 404 404 404 404 404 404 302
cases:check_return    POST  missing                              404 404 404 404 404 404 404 404 404 404 404 302
cases:check_return    GET   own                                  405 405 405 405 405 405 405 405 405 405 405 302

api:list_checks       GET   -                                    200 200 200 200 200 403 403 403 403 403 403 401
api:list_checks       POST  -                                    405 405 405 405 405 405 405 405 405 405 405 401
api:list_check        POST  own                                  200 200 200 403 403 404 404 404 404 404 404 401
api:list_check        POST  sister                               404 404 200 403 403 404 404 404 404 404 404 401
api:list_check        POST  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 401
api:list_check        POST  college                              404 404 404 403 404 404 404 404 404 404 404 401
api:list_check        POST  other_province                       404 404 404 404 403 404 404 404 404 404 404 401
api:list_check        POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check        GET   own                                  200 200 200 403 403 404 404 404 404 404 404 401
api:list_check        GET   sister                               404 404 200 403 403 404 404 404 404 404 404 401
api:list_check        GET   other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 401
api:list_check        GET   college                              404 404 404 403 404 404 404 404 404 404 404 401
api:list_check        GET   other_province                       404 404 404 404 403 404 404 404 404 404 404 401
api:list_check        GET   missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check        PUT   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:list_check_line   POST  own                                  200 200 200 403 403 404 404 404 404 404 404 401
api:list_check_line   POST  sister                               404 404 200 403 403 404 404 404 404 404 404 401
api:list_check_line   POST  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 401
api:list_check_line   POST  college                              404 404 404 403 404 404 404 404 404 404 404 401
api:list_check_line   POST  other_province                       404 404 404 404 403 404 404 404 404 404 404 401
api:list_check_line   POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check_line   GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:list_check_amend  POST  own                                  200 200 200 403 403 404 404 404 404 404 404 401
api:list_check_amend  POST  sister                               404 404 200 403 403 404 404 404 404 404 404 401
api:list_check_amend  POST  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 401
api:list_check_amend  POST  college                              404 404 404 403 404 404 404 404 404 404 404 401
api:list_check_amend  POST  other_province                       404 404 404 404 403 404 404 404 404 404 404 401
api:list_check_amend  POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check_amend  GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:list_check_duplicate POST own                                200 200 200 403 403 404 404 404 404 404 404 401
api:list_check_duplicate POST sister                             404 404 200 403 403 404 404 404 404 404 404 401
api:list_check_duplicate POST other_district,secondary           404 404 404 403 403 404 404 404 404 404 404 401
api:list_check_duplicate POST college                            404 404 404 403 404 404 404 404 404 404 404 401
api:list_check_duplicate POST other_province                     404 404 404 404 403 404 404 404 404 404 404 401
api:list_check_duplicate POST missing                            404 404 404 404 404 404 404 404 404 404 404 401
api:list_check_duplicate GET  own                                405 405 405 405 405 405 405 405 405 405 405 401

api:list_check_picture GET  own                                  200 200 200 403 403 404 404 404 404 404 404 401
api:list_check_picture GET  sister                               404 404 200 403 403 404 404 404 404 404 404 401
api:list_check_picture GET  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 401
api:list_check_picture GET  college                              404 404 404 403 404 404 404 404 404 404 404 401
api:list_check_picture GET  other_province                       404 404 404 404 403 404 404 404 404 404 404 401
api:list_check_picture GET  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check_picture POST own                                  405 405 405 405 405 405 405 405 405 405 405 401

# not every line of these lists is answered, and none of them is signed
api:list_check_sign   POST  own                                  403 409 403 403 403 404 404 404 404 404 404 401
api:list_check_sign   POST  sister                               404 404 403 403 403 404 404 404 404 404 404 401
api:list_check_sign   POST  other_district,secondary             404 404 404 403 403 404 404 404 404 404 404 401
api:list_check_sign   POST  college                              404 404 404 403 404 404 404 404 404 404 404 401
api:list_check_sign   POST  other_province                       404 404 404 404 403 404 404 404 404 404 404 401
api:list_check_sign   POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check_sign   GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401

api:list_check_return POST  own                                  403 403 409 409 409 404 404 404 404 404 404 401
api:list_check_return POST  sister                               404 404 409 409 409 404 404 404 404 404 404 401
api:list_check_return POST  other_district,secondary             404 404 404 409 409 404 404 404 404 404 404 401
api:list_check_return POST  college                              404 404 404 409 404 404 404 404 404 404 404 401
api:list_check_return POST  other_province                       404 404 404 404 409 404 404 404 404 404 404 401
api:list_check_return POST  missing                              404 404 404 404 404 404 404 404 404 404 404 401
api:list_check_return GET   own                                  405 405 405 405 405 405 405 405 405 405 405 401
"""


class Row(NamedTuple):
    """One line for one relation: the statuses by role. `name` is the route, with the deed of the common page."""

    name: str
    method: str
    relation: str
    expected: dict[str, int]

    @property
    def route(self) -> str:
        return self.name.partition("=")[0]

    @property
    def deed(self) -> str:
        return self.name.partition("=")[2]

    def __str__(self) -> str:
        return f"{self.name} {self.method} {self.relation}"


def rows() -> list[Row]:
    """The table, a row a relation. Raises ValueError for a line that is not one or stands twice."""
    found: dict[tuple[str, str, str], Row] = {}
    parts = (CASES, ACTS, REQUESTS, CHECKS, CASES_API, ACTS_API, REQUESTS_API, UNITS, JOBS_AND_FILES, PEOPLE)
    for line in "\n".join((*parts, REFERRALS, PEOPLE_AND_DOORS)).splitlines():
        if not line or line.startswith("#"):
            continue
        route, method, relations, *statuses = line.split()
        expected = dict(zip(ROLES, map(int, statuses), strict=True))
        for relation in relations.split(","):
            if (route, method, relation) in found:
                raise ValueError(f"Twice: {line}")
            found[route, method, relation] = Row(route, method, relation, expected)
    return list(found.values())
